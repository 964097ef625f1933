import Foundation
import Jobs
import Measurements
import Persistence

/// The queue in this process, on databases of its own.
struct QueueBenchmark {
    let bench: Bench

    private var count: Int { bench.isQuick ? 10_000 : 30_000 }

    func run() async throws -> [Figure] {
        bench.say("jobs")
        var figures = [try await onSQLite()]
        if let url = bench.databaseURL {
            let address = try PostgresAddress(url)
            for instances in [1, 4] { figures.append(try await onPostgreSQL(address, instances: instances)) }
        }
        return figures
    }

    private func onSQLite() async throws -> Figure {
        let file = try bench.folder("jobs").appending(path: "jobs.sqlite")
        let rate = try await rate(on: [Database(engine: try SQLiteEngine(path: file.path))])
        return Figure(
            "Jobs (SQLite)", "small jobs, enqueued to finished", rate, "/s", target: .atLeast(5000), digits: 0)
    }

    private func onPostgreSQL(_ address: PostgresAddress, instances count: Int) async throws -> Figure {
        let instances = (0..<count).map { _ in Database(engine: PostgresEngine(address)) }
        let name = count == 1 ? "one instance" : "\(count) instances"
        return Figure(
            "Jobs (PostgreSQL)", "small jobs, enqueued to finished, \(name)", try await rate(on: instances), "/s",
            digits: 0)
    }

    private func rate(on instances: [Database]) async throws -> Double {
        try await instances[0].migrate(JobsSchema.migrations)
        let rate = try await JobBenchmark.run(instances: instances, count: count)
        for database in instances { try database.close() }
        return rate
    }
}
