import Foundation
import Measurements
import Persistence

/// A person with a large library: its list, its searches and what the server holds in memory for it.
struct LibraryBenchmark {
    let bench: Bench

    func run() async throws -> [Figure] {
        let texts = try texts()
        let folder = try await seed(texts)
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try ServerProcess(bench, data: folder)
        defer { server.stop() }
        let token = try server.signIn()
        let lists = try lists(server, token)
        let searches = try searches(server, token, texts)
        return whole(server) + lists + searches
    }

    func texts() throws -> SampleTexts { try SampleTexts(data: bench.data, count: bench.isQuick ? 500 : 2000) }

    /// Makes the database with the real program, then fills it.
    func seed(_ texts: SampleTexts) async throws -> URL {
        bench.say("making a library of \(bench.bookmarks) bookmarks from \(texts.origin)")
        let started = ContinuousClock.now
        let folder = try bench.folder("library")
        let created = try Command.output(
            bench.program.path, "user", "create", "bench", "bench@example.com", "--password",
            ServerProcess.person["password"] ?? "", "--data-dir", folder.path)
        let user = try JSONSerialization.jsonObject(with: Data(created.utf8)) as? [String: Any]
        guard let id = user?["id"] as? Int else { throw BenchFailure("The account was not made: \(created)") }
        let vectors = try await SampleVectors(of: texts.texts)
        let database = Database(engine: try SQLiteEngine(path: folder.appending(path: "fuze.sqlite").path))
        try await SampleLibrary(texts: texts, vectors: vectors, count: bench.bookmarks)
            .fill(database, ownedBy: Int64(id))
        try database.close()
        bench.say(String(format: "made in %.0f s", (ContinuousClock.now - started).seconds))
        return folder
    }

    private var library: String { "A library of \(bench.bookmarks) bookmarks" }

    private func whole(_ server: ServerProcess) -> [Figure] {
        [
            Figure(library, "ready after its start", server.readyAfter.seconds, "s", target: .atMost(0.5), digits: 3),
            Figure(
                library, "memory after lists and searches", megabytes(server.memory()), "MB", target: .atMost(400),
                digits: 0,
                note: String(
                    format: "peak %.0f MB, without mapped files %.0f MB", megabytes(server.memory(.peak)),
                    megabytes(server.memory(.anonymous)))),
        ]
    }

    // MARK: - Lists

    private func lists(_ server: ServerProcess, _ token: String) throws -> [Figure] {
        bench.say("lists under load, in turns with /health")
        let wrk = LoadGenerator(connections: 64, seconds: bench.roundSeconds)
        let (list, health) = (server.url("/api/bookmarks?per_page=20"), server.url("/health"))
        _ = try LoadGenerator(connections: 64, seconds: 1).run(list, token: token)
        var rounds: [(list: LoadGenerator.Load, health: LoadGenerator.Load)] = []
        // Beyond the first pages nothing is kept: each is read from the records.
        var read: [LoadGenerator.Load] = []
        for _ in 0..<(bench.isQuick ? 3 : 5) {
            let alive = try wrk.run(health)
            rounds.append((try wrk.run(list, token: token), alive))
            read.append(try wrk.run(list + "&page=11", token: token))
        }
        let failures =
            rounds.reduce(0) { $0 + $1.list.failures + $1.health.failures } + read.reduce(0) { $0 + $1.failures }
        guard failures == 0 else { throw BenchFailure("\(failures) requests under load failed.") }
        func median(_ value: (LoadGenerator.Load) -> Double) -> (list: Double, health: Double) {
            (Samples(rounds.map { value($0.list) }).median, Samples(rounds.map { value($0.health) }).median)
        }
        let rate = median(\.rate)
        let (p50, p99) = (median(\.p50), median(\.p99))
        let group = "List of 20 of \(bench.bookmarks) bookmarks, signed in, 64 connections"
        return [
            Figure(
                group, "rate against /health", Samples(rounds.map { $0.list.rate / $0.health.rate }).median, "×",
                target: .atLeast(0.25), digits: 3, note: String(format: "/health %.0f/s", rate.health)),
            Figure(
                group, "rate of one read from the records against /health",
                Samples(zip(read, rounds).map { $0.rate / $1.health.rate }).median, "×", digits: 3,
                note: String(format: "%.0f/s", Samples(read.map(\.rate)).median)),
            Figure(group, "requests a second", rate.list, "/s", digits: 0),
            Figure(
                group, "p99 against p50", p99.list / p50.list, "×", target: .atMost(3), digits: 2,
                note: String(
                    format: "p50 %.2f ms, p99 %.2f ms; /health %.2f and %.2f ms", p50.list, p99.list, p50.health,
                    p99.health)),
        ]
    }

    // MARK: - Searches

    private func searches(_ server: ServerProcess, _ token: String, _ texts: SampleTexts) throws -> [Figure] {
        bench.say("searches")
        let group = "Search in \(bench.bookmarks) bookmarks, other queries each time"
        let count = bench.isQuick ? 100 : 300
        let runs = SearchRuns(server: server, token: token)
        let first = try runs.time(["a first question"], "semantic")
        var figures = [
            Figure(
                group, "first one by meaning", first.median / 1000, "s", digits: 3,
                note: "loads the model and all vectors")
        ]
        _ = try runs.time(texts.queries(40, seed: 1), "hybrid")
        for (seed, mode) in ["hybrid", "semantic", "text"].enumerated() {
            let times = try runs.time(texts.queries(count, seed: UInt64(seed + 2)), mode)
            let target: Figure.Target? = mode == "hybrid" ? .atMost(25) : nil
            let origin =
                mode == "hybrid" ? "texts and vectors mixed from \(texts.texts.count) real ones, \(texts.origin)" : ""
            figures.append(Figure(group, "\(mode), p50", times.median, "ms", digits: 2, note: origin))
            figures.append(Figure(group, "\(mode), p95", times.quantile(0.95), "ms", target: target, digits: 2))
        }
        let together = try runs.time(texts.queries(count * 2, seed: 9), "hybrid", clients: 8)
        figures.append(
            Figure(
                group, "hybrid by 8 clients at once, p95", together.times.quantile(0.95), "ms", digits: 2,
                note: String(format: "p50 %.1f ms, %.0f searches/s", together.times.median, together.rate)))
        return figures
    }
}
