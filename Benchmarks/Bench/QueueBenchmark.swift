import Foundation
import Jobs
import Measurements
import Persistence

/// The queue in this process, on a database of its own.
struct QueueBenchmark {
    let bench: Bench

    func run() async throws -> [Figure] {
        bench.say("jobs")
        let file = try bench.folder("jobs").appending(path: "jobs.sqlite")
        let database = Database(engine: try SQLiteEngine(path: file.path))
        try await database.migrate(JobsSchema.migrations)
        let rate = try await JobBenchmark.run(database: database, count: bench.isQuick ? 10_000 : 30_000)
        try database.close()
        return [
            Figure("Jobs (SQLite)", "small jobs, enqueued to finished", rate, "/s", target: .atLeast(5000), digits: 0)
        ]
    }
}
