import Foundation
import Jobs
import Persistence

/// How many small jobs a second the queue takes in, runs and finishes, one after the other on an empty database.
public enum JobBenchmark {
    private static let nothing = JobKind<NoPayload>("benchmark.nothing")

    /// - Parameters:
    ///   - database: migrated with `JobsSchema`.
    ///   - count: jobs, enqueued by ten owners in transactions of 500.
    /// - Returns: jobs a second, from the first enqueued to the last finished on disk.
    public static func run(database: Database, count: Int = 20_000) async throws -> Double {
        let queue = JobQueue(database: database)
        var handlers = JobHandlers()
        handlers.register(nothing) { _, _ in }
        let start = ContinuousClock.now
        let worker = Task { [handlers] in
            try await Worker(queue, handlers: handlers, configuration: WorkerConfiguration(slots: 8)).run()
        }
        defer { worker.cancel() }
        for first in stride(from: 0, to: count, by: 500) {
            let jobs = try (first..<min(first + 500, count)).map { number in
                try NewJob(nothing, NoPayload(), owner: Int64(number % 10))
            }
            try await queue.enqueue(jobs)
        }
        while try await unfinished(in: database) > 0 { try await Task.sleep(for: .milliseconds(5)) }
        let elapsed = ContinuousClock.now - start
        worker.cancel()
        try await worker.value
        return Double(count) / (Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
    }

    private static func unfinished(in database: Database) async throws -> Int {
        try await database.read { connection in
            try connection.value(
                "SELECT COUNT(*) FROM jobs WHERE status = 'queued' OR status = 'running'", as: Int.self) ?? 0
        }
    }
}
