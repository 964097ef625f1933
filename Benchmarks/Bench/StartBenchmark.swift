import Foundation
import Measurements

/// A new installation: how soon it answers, how soon it understands, and what it takes before and after that.
struct StartBenchmark {
    let bench: Bench

    private static let pages = 64

    func run() throws -> [Figure] {
        bench.say("starts")
        let folder = try bench.folder("small")
        var times: [Double] = []
        for _ in 0..<(bench.isQuick ? 3 : 7) {
            let server = try ServerProcess(bench, data: folder)
            times.append(server.readyAfter.seconds)
            server.stop()
        }
        let server = try ServerProcess(bench, data: folder)
        defer { server.stop() }
        sleep(1)
        let idle = (server.memory(), server.memory(.anonymous))
        let token = try server.register()
        let connection = try server.connection(token: token)
        _ = try connection.get("/api/search?mode=text&q=warm").checked()
        let start = ContinuousClock.now
        _ = try connection.get("/api/search?mode=semantic&q=first").checked()
        let first = (ContinuousClock.now - start).seconds
        try save(Self.pages, by: connection)
        return [
            Figure(
                "Start", "ready, an empty library", Samples(times).median, "s", target: .atMost(0.5), digits: 3,
                note: "median of \(times.count)"),
            Figure(
                "Start", "first search by meaning, the model loads", first, "s", target: .atMost(0.5), digits: 3),
            Figure(
                "Memory", "idle, model not loaded", megabytes(idle.0), "MB", target: .atMost(60), digits: 0,
                note: String(format: "without mapped files %.0f MB", megabytes(idle.1))),
            Figure(
                "Memory", "with the model, after \(Self.pages) pages", megabytes(server.memory()), "MB",
                target: .atMost(250), digits: 0,
                note: String(
                    format: "peak %.0f MB, without mapped files %.0f MB", megabytes(server.memory(.peak)),
                    megabytes(server.memory(.anonymous)))),
        ]
    }

    /// Saves pages with their text, and waits until they are kept, embedded and found.
    private func save(_ count: Int, by connection: HTTPConnection) throws {
        let texts = try SampleTexts(data: bench.data, count: count).texts
        for (number, text) in texts.enumerated() {
            let page = (text.sentences + text.sentences + text.sentences).joined(separator: ". ")
            _ = try connection.post(
                "/api/bookmarks", ["url": "https://site.example/\(number)", "title": text.title, "text": page]
            ).checked()
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while case let pending = try connection.get("/api/bookmarks?status=pending&per_page=1").checked().json()[
            "total"],
            pending as? Int != 0
        {
            guard ContinuousClock.now < deadline else { throw BenchFailure("Pages are still not kept after a minute.") }
            usleep(100_000)
        }
    }
}
