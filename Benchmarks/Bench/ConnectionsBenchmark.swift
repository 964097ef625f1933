import Foundation
import Measurements

/// Many connections at once: most idle, some busy.
struct ConnectionsBenchmark {
    let bench: Bench

    private static let idle = 5000
    private static let active = 1000

    func run() throws -> [Figure] {
        bench.say("\(Self.idle) idle and \(Self.active) active connections")
        let server = try ServerProcess(bench, data: try bench.folder("connections"))
        defer { server.stop() }
        let token = try server.register()
        for number in 0..<20 {
            _ = try server.connection(token: token).post(
                "/api/bookmarks",
                ["url": "https://site.example/\(number)", "title": "Page \(number)", "text": "A page."]
            ).checked()
        }
        sleep(2)
        // What the first requests leave behind is no cost of a connection.
        _ = try LoadGenerator(connections: 16, seconds: 1).run(server.url("/api/bookmarks?per_page=20"), token: token)
        let before = server.memory(.anonymous)
        let connections = try (0..<Self.idle).map { _ in
            let connection = try server.connection(token: token)
            _ = try connection.get("/api/bookmarks?per_page=20").checked()
            return connection
        }
        sleep(1)
        let idle = server.memory(.anonymous)
        let load = try LoadGenerator(connections: Self.active, seconds: bench.roundSeconds)
            .run(server.url("/api/bookmarks?per_page=20"), token: token)
        let after = server.memory(.peak)
        let lost = connections.count { (try? $0.get("/health").status) != 200 }
        let group = "\(Self.idle) idle and \(Self.active) active connections at once"
        return [
            Figure(
                group, "refused, failed or lost", Double(load.failures + lost), "", target: .atMost(0), digits: 0,
                note: String(
                    format: "%.0f lists/s; p50 %.0f ms, p99 %.0f ms; %d idle ones lost", load.rate, load.p50, load.p99,
                    lost)),
            Figure(
                group, "memory of an idle connection", (idle - before) / Double(Self.idle) / 1024, "KB",
                target: .atMost(20)),
            Figure(
                group, "memory of the server at its peak", megabytes(after), "MB", digits: 0,
                note: String(
                    format: "%.0f MB more than with the idle ones alone", megabytes(server.memory(.anonymous) - idle))),
        ]
    }
}
