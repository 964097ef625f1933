import Foundation
import Persistence

/// What an owner may see and do. Another owner's job does not exist.
extension JobQueue {
    public func find(_ id: Job.ID, ownedBy owner: Int64) async throws -> Job? {
        try await database.read { try $0.job(id, ownedBy: owner) }
    }

    /// Any job, for the installation's own use.
    public func find(_ id: Job.ID) async throws -> Job? {
        try await database.read { connection in
            try connection.first("SELECT \(Job.columns) FROM jobs WHERE id = \(id)") { try Job(row: &$0) }
        }
    }

    /// The owner's jobs with the counts of their children, which are not listed themselves; newest first.
    ///
    /// - Parameters:
    ///   - before: only older ones than this, to go on where a page ended.
    ///   - offset: how many of these to leave out.
    public func list(
        ownedBy owner: Int64, before: Job.ID? = nil, offset: Int = 0, limit: Int = 10
    ) async throws -> [JobUpdate] {
        try await database.read { connection in
            let jobs = try connection.all(
                """
                SELECT \(Job.columns) FROM jobs
                WHERE owner = \(owner) AND parent_id IS NULL AND id < \(before ?? .max)
                ORDER BY id DESC LIMIT \(limit) OFFSET \(offset)
                """
            ) { try Job(row: &$0) }
            let counts = try connection.childCounts(of: jobs.map(\.id))
            return jobs.map { JobUpdate(job: $0, children: counts[$0.id] ?? JobCounts()) }
        }
    }

    /// How many `list` would give in all.
    public func count(ownedBy owner: Int64) async throws -> Int {
        try await database.read { connection in
            try connection.value(
                "SELECT COUNT(*) FROM jobs WHERE owner = \(owner) AND parent_id IS NULL", as: Int.self) ?? 0
        }
    }

    /// Children of a job in one status, oldest first: what of an import has failed, and why.
    public func children(
        of parent: Job.ID, ownedBy owner: Int64, _ status: JobStatus, after: Job.ID? = nil, limit: Int = 10
    ) async throws -> [Job] {
        try await database.read { connection in
            try connection.all(
                """
                SELECT \(Job.columns) FROM jobs
                WHERE parent_id = \(parent) AND status = \(status) AND id > \(after ?? .min) AND owner = \(owner)
                ORDER BY id LIMIT \(limit)
                """
            ) { try Job(row: &$0) }
        }
    }

    public func childCounts(of parent: Job.ID) async throws -> JobCounts {
        try await database.read { try $0.childCounts(of: [parent])[parent] ?? JobCounts() }
    }

    /// Cancels a job and its children: those that wait at once, running ones as soon as their handlers heed it.
    ///
    /// A finished job stays as it is. Throws `JobError.notFound`.
    @discardableResult
    public func cancel(_ id: Job.ID, ownedBy owner: Int64) async throws -> Job {
        let now = now()
        let job = try await write { connection in
            guard try connection.job(id, ownedBy: owner) != nil else { throw JobError.notFound }
            try connection.cancelUnfinished("id = \(id)", at: now)
            try connection.cancelUnfinished("parent_id = \(id)", at: now)
            guard let job = try connection.job(id, ownedBy: owner) else { throw JobError.notFound }
            return job
        }
        announceChange(of: [id])
        return job
    }

    /// Starts a failed or cancelled job again, with all its attempts, where its last checkpoint left it; and
    /// likewise the children that failed or were cancelled, also those of a job that succeeded.
    ///
    /// Throws `JobError.notFound`, or `.notRetryable` where nothing had failed.
    @discardableResult
    public func retry(_ id: Job.ID, ownedBy owner: Int64) async throws -> Job {
        let now = now()
        let job = try await write { connection in
            guard let job = try connection.job(id, ownedBy: owner) else { throw JobError.notFound }
            let children = try connection.values(
                "SELECT id FROM jobs WHERE parent_id = \(id) AND status IN ('failed', 'cancelled')", as: Job.ID.self)
            var restarted = 0
            for candidate in [job.id] + children {
                restarted += try connection.restart(candidate, at: now)
            }
            guard restarted > 0, let job = try connection.job(id, ownedBy: owner) else {
                throw JobError.notRetryable
            }
            return job
        }
        announceChange(of: [id])
        return job
    }

    /// Forgets everything an owner had, in the transaction that deletes the account. Handlers that are running
    /// are cancelled when their workers notice.
    public func deleteAll(ownedBy owner: Int64, in connection: SQLConnection) throws {
        try connection.execute("DELETE FROM jobs WHERE owner = \(owner)")
    }
}

extension SQLConnection {
    func job(_ id: Job.ID, ownedBy owner: Int64) throws -> Job? {
        try first("SELECT \(Job.columns) FROM jobs WHERE id = \(id) AND owner = \(owner)") { try Job(row: &$0) }
    }

    /// How the children of these jobs stand, by walking through them in an index; nothing for a job without.
    func childCounts(of parents: [Job.ID]) throws -> [Job.ID: JobCounts] {
        var counts: [Job.ID: JobCounts] = [:]
        guard !parents.isEmpty else { return counts }
        try forEach(
            """
            SELECT parent_id, status, COUNT(*) FROM jobs WHERE parent_id IN \(list: parents)
            GROUP BY parent_id, status
            """
        ) { row in
            counts[try row.next(), default: JobCounts()][try row.next()] = try row.next()
        }
        return counts
    }

    func cancelUnfinished(_ condition: SQL, at now: Date) throws {
        try execute(
            """
            UPDATE jobs SET status = 'cancelled', turn = NULL, cancel_requested = 1, finished_at = \(now)
            WHERE \(condition) AND status = 'queued'
            """)
        try execute("UPDATE jobs SET cancel_requested = 1 WHERE \(condition) AND status = 'running'")
    }

    /// Nothing where another unfinished job has the same key: that one does the work.
    fileprivate func restart(_ id: Job.ID, at now: Date) throws -> Int {
        try execute(
            """
            UPDATE jobs SET status = 'queued', turn = NULL, run_at = \(now), finished_at = NULL, started_at = NULL,
                attempts = 0, interruptions = 0, failure = NULL, cancel_requested = 0
            WHERE id = \(id) AND status IN ('failed', 'cancelled')
                AND NOT EXISTS (
                    SELECT 1 FROM jobs other WHERE other.kind = jobs.kind AND other.unique_key = jobs.unique_key
                        AND other.unique_key IS NOT NULL AND other.finished_at IS NULL)
            """)
    }
}

extension Job.ID {
    fileprivate static var max: Self { Self(Int64.max) }
    fileprivate static var min: Self { Self(Int64.min) }
}
