import Foundation
import Jobs
import Persistence
import Synchronization

/// How many small jobs a second the queue takes in, runs and finishes.
public enum JobBenchmark {
    private static let nothing = JobKind<NoPayload>("benchmark.nothing")

    /// - Parameters:
    ///   - instances: the same records as each instance sees them; migrated with `JobsSchema`, and without other jobs.
    ///     Each has a worker with eight slots, the first one also enqueues.
    ///   - count: jobs, enqueued by ten owners in transactions of 500 while the workers run them.
    /// - Returns: jobs a second, from the first enqueued to the last finished on disk.
    public static func run(instances: [Database], count: Int = 20_000) async throws -> Double {
        let runs = RunCount()
        var handlers = JobHandlers()
        handlers.register(nothing) { _, _ in runs.add() }
        let queues = instances.map { JobQueue(database: $0) }
        let workers = queues.map { queue in
            let worker = Worker(queue, handlers: handlers, configuration: WorkerConfiguration(slots: 8))
            return Task { try await worker.run() }
        }
        defer { for worker in workers { worker.cancel() } }
        let start = ContinuousClock.now
        for first in stride(from: 0, to: count, by: 500) {
            let jobs = try (first..<min(first + 500, count)).map { number in
                try NewJob(nothing, NoPayload(), owner: Int64(number % 10))
            }
            try await queues[0].enqueue(jobs)
            // As instances tell each other of new work.
            for queue in queues { queue.wakeLocally() }
        }
        while runs.value < count { try await Task.sleep(for: .milliseconds(2)) }
        while try await isUnfinished(instances[0]) { try await Task.sleep(for: .milliseconds(1)) }
        let elapsed = ContinuousClock.now - start
        for worker in workers {
            worker.cancel()
            try await worker.value
        }
        return Double(count) / elapsed.seconds
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
