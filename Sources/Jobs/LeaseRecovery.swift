import Foundation
import Persistence

/// Brings back the jobs of workers that died.
struct LeaseRecovery {
    static let interrupted = "The program was interrupted too often while working on this."
    /// What one pass brings back at most.
    private static let batch = 1000

    let connection: SQLConnection
    let now: Date

    private struct Abandoned {
        let id: Job.ID
        let isCancelled: Bool
        let interruptions: Int

        var isPoisonous: Bool { interruptions + 1 >= WorkerLease.interruptionLimit }
    }

    /// Ends the leases of processes of this host that no longer run, and those without a heartbeat since `limit`.
    ///
    /// - Returns: jobs that brought down one worker after another. `worker` holds them now, to mark them as failed.
    func release(unheardSince limit: Date, seenBy worker: WorkerIdentity) throws -> [ClaimedJob] {
        let abandoned = try abandoned(unheardSince: limit, seenBy: worker)
        try cancel(abandoned.filter(\.isCancelled).map(\.id))
        let others = abandoned.filter { !$0.isCancelled }
        try putBack(others.filter { !$0.isPoisonous }.map(\.id))
        return try take(others.filter(\.isPoisonous).map(\.id), for: worker)
    }

    /// Passes over what others change just now: the job's worker, which lives after all, or another recovery.
    private func abandoned(unheardSince limit: Date, seenBy worker: WorkerIdentity) throws -> [Abandoned] {
        let gone = try connection.values("SELECT DISTINCT worker FROM jobs WHERE status = 'running'", as: String.self)
            .filter { WorkerIdentity($0)?.isKnownGone(seenBy: worker) ?? false }
        return try connection.all(
            """
            SELECT id, cancel_requested, interruptions FROM jobs
            WHERE status = 'running' AND (heartbeat_at < \(limit) OR worker IN \(list: gone))
            LIMIT \(Self.batch) \(connection.dialect.skippingLockedRows)
            """
        ) { row in
            Abandoned(id: try row.next(), isCancelled: try row.next(), interruptions: try row.next())
        }
    }

    private func cancel(_ jobs: [Job.ID]) throws {
        guard !jobs.isEmpty else { return }
        try connection.execute(
            """
            UPDATE jobs SET status = 'cancelled', finished_at = \(now), worker = NULL, heartbeat_at = NULL, turn = NULL
            WHERE id IN \(list: jobs)
            """)
    }

    private func putBack(_ jobs: [Job.ID]) throws {
        guard !jobs.isEmpty else { return }
        try connection.execute(
            """
            UPDATE jobs SET status = 'queued', run_at = \(now), attempts = attempts - 1,
                interruptions = interruptions + 1, worker = NULL, heartbeat_at = NULL, turn = NULL
            WHERE id IN \(list: jobs)
            """)
    }

    private func take(_ jobs: [Job.ID], for worker: WorkerIdentity) throws -> [ClaimedJob] {
        guard !jobs.isEmpty else { return [] }
        return try connection.all(
            """
            UPDATE jobs SET worker = \(worker.description), heartbeat_at = \(now) WHERE id IN \(list: jobs)
            RETURNING \(ClaimedJob.columns)
            """
        ) { try ClaimedJob(row: &$0) }
    }
}
