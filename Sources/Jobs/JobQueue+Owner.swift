import Foundation
import Persistence

/// What an owner may see and do. Another owner's job does not exist.
extension JobQueue {
    private static let collisionLimit = 10

    /// A job with the counts of its children; nil where the owner has no such job.
    public func update(of id: Job.ID, ownedBy owner: Int64) async throws -> JobUpdate? {
        try await database.read(.owner(owner)) { try $0.update(of: id, ownedBy: owner) }
    }

    /// The owner's jobs with the counts of their children, which are not listed themselves; newest first.
    ///
    /// - Parameters:
    ///   - before: only older ones than this, to go on where a page ended.
    ///   - offset: how many of these to leave out.
    public func list(
        ownedBy owner: Int64, before: Job.ID? = nil, offset: Int = 0, limit: Int = 10
    ) async throws -> [JobUpdate] {
        try await database.read(.owner(owner)) { connection in
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
        try await database.read(.owner(owner)) { connection in
            try connection.value(
                "SELECT COUNT(*) FROM jobs WHERE owner = \(owner) AND parent_id IS NULL", as: Int.self) ?? 0
        }
    }

    /// Cancels a job and its children: those that wait at once, running ones as soon as their handlers heed it.
    ///
    /// A finished job stays as it is. Throws `JobError.notFound`.
    @discardableResult
    public func cancel(_ id: Job.ID, ownedBy owner: Int64) async throws -> JobUpdate {
        let now = now()
        let update = try await write(.owner(owner)) { connection in
            guard try connection.job(id, ownedBy: owner) != nil else { throw JobError.notFound }
            try connection.cancelUnfinished("id = \(id)", at: now)
            try connection.cancelUnfinished("parent_id = \(id)", at: now)
            guard let update = try connection.update(of: id, ownedBy: owner) else { throw JobError.notFound }
            return update
        }
        announceChange(of: [id])
        return update
    }

    /// Starts a failed or cancelled job again, with all its attempts, where its last checkpoint left it; and
    /// likewise the children that failed or were cancelled, also those of a job that succeeded.
    ///
    /// A large family starts again in several transactions, so that other writers get their turn; the same call
    /// goes on where one was broken off. Throws `JobError.notFound`, or `.notRetryable` where nothing had failed.
    @discardableResult
    public func retry(_ id: Job.ID, ownedBy owner: Int64) async throws -> JobUpdate {
        var restart = FamilyRestart(parent: id, now: now())
        var collisions = 0
        repeat {
            do {
                restart = try await write(.owner(owner)) { [restart] connection in
                    guard try connection.job(id, ownedBy: owner) != nil else { throw JobError.notFound }
                    return try restart.next(in: connection)
                }
            } catch DatabaseFailure.uniqueViolation where collisions < Self.collisionLimit {
                // A job came at this moment with the key of one that was to start; the next look sees it.
                collisions += 1
            }
        } while !restart.isDone
        guard restart.count > 0 else { throw JobError.notRetryable }
        announceChange(of: [id])
        guard let update = try await update(of: id, ownedBy: owner) else { throw JobError.notFound }
        return update
    }
}

extension SQLConnection {
    fileprivate func job(_ id: Job.ID, ownedBy owner: Int64) throws -> Job? {
        try first("SELECT \(Job.columns) FROM jobs WHERE id = \(id) AND owner = \(owner)") { try Job(row: &$0) }
    }

    fileprivate func update(of id: Job.ID, ownedBy owner: Int64) throws -> JobUpdate? {
        try job(id, ownedBy: owner).map { job in
            JobUpdate(job: job, children: try childCounts(of: [id])[id] ?? JobCounts())
        }
    }

    /// How the children of these jobs stand, by walking through them in an index; nothing for a job without.
    fileprivate func childCounts(of parents: [Job.ID]) throws -> [Job.ID: JobCounts] {
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

    /// Takes jobs that other transactions may change too, in the order in which all take them.
    func lockJobs(_ condition: SQL) throws {
        guard let locking = dialect.lockingRows else { return }
        try forEach(
            "SELECT COUNT(*) FROM (SELECT id FROM jobs WHERE \(condition) ORDER BY id \(locking)) AS locked"
        ) { _ in }
    }

    func cancelUnfinished(_ condition: SQL, at now: Date) throws {
        // Both kinds at once: a job that waited a moment ago may run by now.
        try lockJobs("\(condition) AND status IN ('queued', 'running')")
        try execute(
            """
            UPDATE jobs SET status = 'cancelled', turn = NULL, cancel_requested = 1, finished_at = \(now)
            WHERE \(condition) AND status = 'queued'
            """)
        try execute("UPDATE jobs SET cancel_requested = 1 WHERE \(condition) AND status = 'running'")
    }
}

extension Job.ID {
    fileprivate static var max: Self { Self(Int64.max) }
}
