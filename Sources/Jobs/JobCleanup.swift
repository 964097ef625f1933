import Foundation
import Persistence

/// Deletes what finished long ago: children before the job that started them, which stays as long as one of them.
public struct JobCleanup: Sendable {
    public static let kind = JobKind<NoPayload>("jobs.cleanup")
    private static let batch = 1000

    let queue: JobQueue
    let keeping: Duration

    /// - Parameter keeping: how long finished jobs can be looked at.
    public init(_ queue: JobQueue, keeping: Duration = .seconds(7 * 86_400)) {
        self.queue = queue
        self.keeping = keeping
    }

    public func register(in handlers: inout JobHandlers) {
        handlers.register(Self.kind) { context, _ in
            try context.result(["deleted": try await deleteFinished()])
        }
    }

    public func schedule() throws -> Schedule {
        Schedule("jobs.cleanup", every: .seconds(3600), try NewJob(Self.kind, NoPayload(), priority: .low))
    }

    /// In small transactions, so that other writers get their turn.
    private func deleteFinished() async throws -> Int {
        let limit = queue.now().addingTimeInterval(-keeping.seconds)
        var deleted = 0
        while true {
            try Task.checkCancellation()
            let count = try await queue.database.write { connection in
                try connection.execute(
                    """
                    DELETE FROM jobs WHERE id IN (
                        SELECT id FROM jobs
                        WHERE finished_at IS NOT NULL AND finished_at < \(limit)
                            AND NOT EXISTS (SELECT 1 FROM jobs child WHERE child.parent_id = jobs.id)
                        ORDER BY finished_at, id LIMIT \(Self.batch))
                        AND finished_at < \(limit)
                    """)
            }
            // Not before a batch is empty, for the last children free their parents.
            if count == 0 { return deleted }
            deleted += count
        }
    }
}
