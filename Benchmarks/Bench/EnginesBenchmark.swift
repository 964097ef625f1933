import Foundation
import Measurements
import Persistence

/// The same library on PostgreSQL as on SQLite, each behind a server of its own, asked in turns.
struct EnginesBenchmark {
    let bench: Bench

    private static let database = "fuze_bench_library"

    /// In a database of its own beside the one that is given.
    ///
    /// - Returns: nothing where no PostgreSQL is given.
    func run() async throws -> [Figure] {
        guard let address = bench.databaseURL else {
            bench.say("engines: FUZE_BENCH_DATABASE_URL names no PostgreSQL, so nothing is measured")
            return []
        }
        let library = LibraryBenchmark(bench: bench)
        let texts = try library.texts()
        let folder = try await library.seed(texts)
        defer { try? FileManager.default.removeItem(at: folder) }
        let maintenance = Database(engine: PostgresEngine(try PostgresAddress(address)))
        let drop: SQL = "DROP DATABASE IF EXISTS fuze_bench_library WITH (FORCE)"
        try await maintenance.runAlone([drop, "CREATE DATABASE fuze_bench_library"])
        var target = URLComponents(string: address)
        target?.path = "/\(Self.database)"
        let figures = try await measure(folder, target?.string ?? address, texts)
        try await maintenance.runAlone([drop])
        try maintenance.close()
        return figures
    }

    private func measure(_ folder: URL, _ address: String, _ texts: SampleTexts) async throws -> [Figure] {
        bench.say("copying the library to PostgreSQL")
        let start = ContinuousClock.now
        _ = try Command.output(bench.program.path, "copy", "--to", address, "--data-dir", folder.path)
        let copied = (ContinuousClock.now - start).seconds
        let sqlite = try ServerProcess(bench, data: folder)
        defer { sqlite.stop() }
        let scaled = try bench.folder("engines")
        // Tokens are signed with the key of the folder.
        let key = "secret.key"
        try FileManager.default.copyItem(at: folder.appending(path: key), to: scaled.appending(path: key))
        let postgresql = try ServerProcess(bench, data: scaled, database: address)
        defer { postgresql.stop() }
        let servers = Servers(sqlite: sqlite, postgresql: postgresql, token: try sqlite.signIn())
        // A tenth of the library is too small for an index.
        let indexed = bench.isQuick ? nil : try await timeToIndex(address)

        let group = "\(bench.bookmarks) bookmarks on PostgreSQL against SQLite"
        let kept = try lists("/api/bookmarks?per_page=20", servers)
        // Beyond the first pages nothing is kept: each is read from the records.
        let read = try lists("/api/bookmarks?per_page=20&page=11", servers)
        let query = texts.queries(bench.isQuick ? 60 : 200, seed: 3)
        _ = try SearchRuns(server: postgresql, token: servers.token).time(texts.queries(40, seed: 1), "hybrid")
        let search = try SearchRuns(server: postgresql, token: servers.token).time(query, "hybrid")
        return [
            kept.figure(group, "list of 20, as people ask for it", target: .atLeast(0.7)),
            read.figure(group, "list of 20 read from the records", target: .atLeast(0.7)),
            Figure(group, "hybrid search, p50", search.median, "ms", digits: 2),
            Figure(group, "hybrid search, p95", search.quantile(0.95), "ms", digits: 2),
            Figure(group, "copied and compared in", copied, "s", digits: 0),
            Figure(group, "vectors indexed in", indexed, "s", digits: 0, note: "behind the running server"),
        ]
    }

    /// Waits until the vectors of a large library have their index, whose making would take from the rates.
    private func timeToIndex(_ address: String) async throws -> Double? {
        bench.say("waiting for the index of vectors")
        let database = Database(engine: PostgresEngine(try PostgresAddress(address)))
        let start = ContinuousClock.now
        var isThere = false
        while !isThere, ContinuousClock.now - start < .seconds(600) {
            try await Task.sleep(for: .seconds(1))
            isThere = try await database.read { connection in
                try connection.value(
                    """
                    SELECT EXISTS (SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
                        JOIN pg_am ON pg_am.oid = relam WHERE amname = 'hnsw' AND indisvalid)
                    """) ?? false
            }
        }
        try database.close()
        return isThere ? (ContinuousClock.now - start).seconds : nil
    }

    private struct Servers {
        let sqlite: ServerProcess
        let postgresql: ServerProcess
        let token: String
    }

    /// Rates of rounds in turns.
    private struct Rates {
        var sqlite: [Double] = []
        var postgresql: [Double] = []

        func figure(_ group: String, _ name: String, target: Figure.Target) -> Figure {
            let ratios = zip(postgresql, sqlite).map { $0 / $1 }
            return Figure(
                group, "\(name), rate", Samples(ratios).median, "×", target: target, digits: 2,
                note: String(
                    format: "%.0f/s against %.0f/s, 64 connections", Samples(postgresql).median,
                    Samples(sqlite).median))
        }
    }

    private func lists(_ path: String, _ servers: Servers) throws -> Rates {
        bench.say("lists on both engines: \(path)")
        let wrk = LoadGenerator(connections: 64, seconds: bench.roundSeconds)
        var rates = Rates()
        for server in [servers.sqlite, servers.postgresql] {
            _ = try LoadGenerator(connections: 64, seconds: 1).run(server.url(path), token: servers.token)
        }
        for _ in 0..<(bench.isQuick ? 3 : 5) {
            rates.sqlite.append(try rate(wrk, servers.sqlite, path, servers.token))
            rates.postgresql.append(try rate(wrk, servers.postgresql, path, servers.token))
        }
        return rates
    }

    private func rate(_ wrk: LoadGenerator, _ server: ServerProcess, _ path: String, _ token: String) throws -> Double {
        let load = try wrk.run(server.url(path), token: token)
        guard load.failures == 0 else { throw BenchFailure("\(load.failures) requests under load failed.") }
        return load.rate
    }
}
