import Foundation
import Persistence

/// What a worker writes about the jobs it holds. Every statement demands that it still holds them.
struct WorkerLease {
    /// Workers lost with the same job before it counts as the cause. A checkpoint starts the count anew.
    static let interruptionLimit = 5

    let worker: String
    let connection: SQLConnection

    /// Takes jobs in the order of their turns, at most `limit`.
    func claim(_ kinds: [String], _ priorities: SQL, limit: Int, at now: Date) throws -> [ClaimedJob] {
        guard limit > 0 else { return [] }
        let claimed = try connection.all(
            """
            WITH next AS MATERIALIZED (
                SELECT id FROM jobs
                WHERE status = 'queued' AND turn IS NOT NULL AND \(priorities) AND kind IN \(list: kinds)
                ORDER BY priority, turn, id LIMIT \(limit) \(connection.dialect.skippingLockedRows))
            UPDATE jobs SET status = 'running', worker = \(worker), heartbeat_at = \(now), started_at = \(now),
                attempts = attempts + 1
            WHERE id IN (SELECT id FROM next)
            RETURNING \(ClaimedJob.columns)
            """
        ) { try ClaimedJob(row: &$0) }
        return claimed.sorted(by: ClaimedJob.startsBefore)
    }

    /// Takes the rows that a transaction is to change, so that it and an owner who cancels wait for each other at most
    /// once.
    func lock(_ jobs: [Job.ID]) throws {
        guard jobs.count > 1 else { return }
        try connection.lockJobs("id IN \(list: jobs) AND \(isHeld)")
    }

    /// Prolongs the lease, and gives back the jobs still held.
    func heartbeat(_ jobs: [Job.ID], at now: Date) throws -> Set<Job.ID> {
        guard !jobs.isEmpty else { return [] }
        return Set(
            try connection.values(
                """
                UPDATE jobs SET heartbeat_at = \(now) WHERE id IN \(list: jobs) AND \(isHeld) RETURNING id
                """))
    }

    func cancelRequested() throws -> [Job.ID] {
        try connection.values(
            "SELECT id FROM jobs WHERE worker = \(worker) AND status = 'running' AND cancel_requested = 1")
    }

    func checkpoint(_ state: String, of job: Job.ID) throws -> Bool {
        try connection.execute(
            "UPDATE jobs SET state = \(state), interruptions = 0 WHERE id = \(job) AND \(isHeld)") > 0
    }

    func write(_ progress: JobProgress, of job: Job.ID) throws {
        try connection.execute(
            """
            UPDATE jobs SET progress_done = \(progress.done), progress_total = \(progress.total),
                progress_message = \(progress.message)
            WHERE id = \(job) AND \(isHeld)
            """)
    }

    /// Jobs that ended well and have nothing to tell, which most do, in one statement.
    func succeed(_ jobs: [Job.ID], at now: Date) throws {
        guard !jobs.isEmpty else { return }
        try connection.execute(
            """
            UPDATE jobs SET status = 'succeeded', finished_at = \(now), failure = NULL, state = NULL, \(released)
            WHERE id IN \(list: jobs) AND \(isHeld)
            """)
    }

    /// - Returns: how the job stands now; nil where it was no longer held.
    @discardableResult
    func settle(_ outcome: JobOutcome, of job: Job.ID, at now: Date) throws -> JobStatus? {
        let changes: SQL =
            switch outcome {
            case .succeeded(let result):
                "status = 'succeeded', finished_at = \(now), failure = NULL, state = NULL, result = \(result)"
            case .failed(let message): "status = 'failed', finished_at = \(now), failure = \(message)"
            case .cancelled: "status = 'cancelled', finished_at = \(now)"
            case .retry(let date, let message): "\(queued(for: date, now)), failure = \(message), interruptions = 0"
            case .snoozed(let date): "\(queued(for: date, now)), attempts = attempts - 1, interruptions = 0"
            case .putBack: "\(queued(for: now, now)), attempts = attempts - 1"
            }
        let status: JobStatus? = try connection.value(
            "UPDATE jobs SET \(changes), \(released) WHERE id = \(job) AND \(isHeld) RETURNING status")
        if status == .cancelled {
            // The handler may have added children after the first of them were cancelled.
            try connection.cancelUnfinished("parent_id = \(job)", at: now)
        }
        return status
    }

    /// Back into the queue, unless the owner has cancelled the job and the handler did not get to know.
    private func queued(for date: Date, _ now: Date) -> SQL {
        """
        run_at = \(date),
        status = CASE cancel_requested WHEN 1 THEN 'cancelled' ELSE 'queued' END,
        finished_at = CASE cancel_requested WHEN 1 THEN CAST(\(now) AS BIGINT) END
        """
    }

    private var isHeld: SQL { "worker = \(worker) AND status = 'running'" }

    private var released: SQL { "worker = NULL, heartbeat_at = NULL, turn = NULL" }
}
