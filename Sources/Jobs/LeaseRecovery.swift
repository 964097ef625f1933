import Foundation
import Persistence

/// Brings back the jobs of workers that died.
struct LeaseRecovery {
    static let interrupted = "The program was interrupted too often while working on this."

    let connection: SQLConnection
    let now: Date

    /// Ends the leases of processes of this host that no longer run, and those without a heartbeat since `limit`.
    ///
    /// - Returns: jobs that brought down one worker after another. `worker` holds them now, to mark them as failed.
    func release(unheardSince limit: Date, seenBy worker: WorkerIdentity) throws -> [ClaimedJob] {
        let gone = try connection.values("SELECT DISTINCT worker FROM jobs WHERE status = 'running'", as: String.self)
            .filter { WorkerIdentity($0)?.isKnownGone(seenBy: worker) ?? false }
        let poisonous = try release("heartbeat_at < \(limit)", to: worker)
        return try gone.isEmpty ? poisonous : poisonous + release("worker IN \(list: gone)", to: worker)
    }

    private func release(_ condition: SQL, to worker: WorkerIdentity) throws -> [ClaimedJob] {
        try connection.execute(
            """
            UPDATE jobs SET status = 'cancelled', finished_at = \(now), worker = NULL, heartbeat_at = NULL, turn = NULL
            WHERE status = 'running' AND \(condition) AND cancel_requested = 1
            """)
        try connection.execute(
            """
            UPDATE jobs SET status = 'queued', run_at = \(now), attempts = attempts - 1,
                interruptions = interruptions + 1, worker = NULL, heartbeat_at = NULL, turn = NULL
            WHERE status = 'running' AND \(condition) AND interruptions + 1 < \(WorkerLease.interruptionLimit)
            """)
        return try connection.all(
            """
            UPDATE jobs SET worker = \(worker.description), heartbeat_at = \(now)
            WHERE status = 'running' AND \(condition) AND interruptions + 1 >= \(WorkerLease.interruptionLimit)
            RETURNING \(ClaimedJob.columns)
            """
        ) { try ClaimedJob(row: &$0) }
    }
}
