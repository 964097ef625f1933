import Foundation
import Jobs
import Persistence
import Synchronization

/// How many small jobs a second the queue takes in, runs and finishes, on a database of its own.
public enum JobBenchmark {
    private static let nothing = JobKind<NoPayload>("benchmark.nothing")

    /// - Parameters:
    ///   - database: migrated with `JobsSchema`, and without other jobs.
    ///   - count: jobs, enqueued by ten owners in transactions of 500 while a worker with eight slots runs them.
    /// - Returns: jobs a second, from the first enqueued to the last finished on disk.
    public static func run(database: Database, count: Int = 20_000) async throws -> Double {
        let queue = JobQueue(database: database)
        let runs = RunCount()
        var handlers = JobHandlers()
        handlers.register(nothing) { _, _ in runs.add() }
        let worker = Worker(queue, handlers: handlers, configuration: WorkerConfiguration(slots: 8))
        let work = Task { try await worker.run() }
        defer { work.cancel() }
        let start = ContinuousClock.now
        for first in stride(from: 0, to: count, by: 500) {
            let jobs = try (first..<min(first + 500, count)).map { number in
                try NewJob(nothing, NoPayload(), owner: Int64(number % 10))
            }
            try await queue.enqueue(jobs)
        }
        while runs.value < count { try await Task.sleep(for: .milliseconds(2)) }
        while try await isUnfinished(database) { try await Task.sleep(for: .milliseconds(1)) }
        let elapsed = ContinuousClock.now - start
        return Double(count) / (Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
    }

    private static func isUnfinished(_ database: Database) async throws -> Bool {
        try await database.read { connection in
            try connection.value(
                """
                SELECT EXISTS (SELECT 1 FROM jobs WHERE status = 'running')
                    OR EXISTS (SELECT 1 FROM jobs WHERE status = 'queued' AND turn IS NOT NULL)
                """) ?? false
        }
    }
}

private final class RunCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }
}
