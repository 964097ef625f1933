import Foundation
import Persistence

/// Gives jobs their turns, so that owners take turns however many jobs each of them has.
///
/// Start-time fair queueing (Goyal, Vin, Cheng 1996) with equal weights: a job's turn is one after the last
/// waiting job of its owner, but not before the turn that is being served. Handing out in the order of turns is
/// then a walk along one index.
struct WaitingLine {
    private struct Place: Hashable {
        let owner: Int64?
        let priority: JobPriority
    }

    /// How often a job is offered whose key is taken and, at a second look, is not.
    private static let tries = 5

    let connection: SQLConnection
    let now: Date
    private var nextTurns: [Place: Int64] = [:]

    init(connection: SQLConnection, now: Date) {
        self.connection = connection
        self.now = now
    }

    /// Puts jobs at the ends of their lines; one id for each, in their order.
    ///
    /// Lines are only read, so that owners do not wait for each other: two transactions at the same moment may give
    /// the same turn twice, and then both have it.
    mutating func add(_ jobs: [NewJob]) throws -> [Job.ID] {
        var line = self
        defer { self = line }
        // One queue serves all owners: what others wait for counts, and an owner's work may bring some for the
        // installation.
        return try connection.acrossOwners { try jobs.map { try line.add($0) } }
    }

    private mutating func add(_ job: NewJob) throws -> Job.ID {
        let runAt = job.runAt ?? now
        let turn = runAt <= now ? try nextTurn(at: Place(owner: job.owner, priority: job.priority)) : nil
        for _ in 0..<Self.tries {
            if let id = try insert(job, runAt: max(runAt, now), turn: turn) { return id }
            // An unfinished job has the key, or had it a moment ago.
            if let key = job.uniqueKey, let existing = try unfinished(job.kind, key: key) { return existing }
        }
        throw DatabaseFailure.busy
    }

    /// Jobs whose time has come get their turn.
    mutating func admitDelayed(limit: Int = 500) throws {
        let due = try connection.all(
            """
            SELECT id, owner, priority FROM jobs WHERE status = 'queued' AND turn IS NULL AND run_at <= \(now)
            ORDER BY run_at, id LIMIT \(limit) \(connection.dialect.skippingLockedRows)
            """
        ) { row in (id: try row.next(Job.ID.self), place: Place(owner: try row.next(), priority: try row.next())) }
        for (place, jobs) in Dictionary(grouping: due, by: \.place) {
            let first = try nextTurn(at: place, for: jobs.count)
            try connection.execute(
                """
                UPDATE jobs SET turn = \(first) + due.place
                FROM (
                    SELECT id, ROW_NUMBER() OVER (ORDER BY run_at, id) - 1 AS place FROM jobs
                    WHERE id IN \(list: jobs.map(\.id))) AS due
                WHERE jobs.id = due.id
                """)
        }
    }

    /// The first of as many turns.
    private mutating func nextTurn(at place: Place, for count: Int = 1) throws -> Int64 {
        let turn = try nextTurns[place] ?? turnAfterLast(of: place)
        nextTurns[place] = turn + Int64(count)
        return turn
    }

    private func turnAfterLast(of place: Place) throws -> Int64 {
        let ofOwner: SQL = place.owner.map { "owner = \($0)" } ?? "owner IS NULL"
        let last = try connection.value(
            """
            SELECT turn FROM jobs
            WHERE status = 'queued' AND turn IS NOT NULL AND \(ofOwner) AND priority = \(place.priority)
            ORDER BY turn DESC LIMIT 1
            """, as: Int64.self)
        let served = try connection.value(
            """
            SELECT turn FROM jobs WHERE status = 'queued' AND turn IS NOT NULL AND priority = \(place.priority)
            ORDER BY turn LIMIT 1
            """, as: Int64.self)
        return max(last.map { $0 + 1 } ?? 0, served ?? 0)
    }

    private func unfinished(_ kind: String, key: String) throws -> Job.ID? {
        try connection.value(
            "SELECT id FROM jobs WHERE kind = \(kind) AND unique_key = \(key) AND finished_at IS NULL")
    }

    private func insert(_ job: NewJob, runAt: Date, turn: Int64?) throws -> Job.ID? {
        try connection.value(
            """
            INSERT INTO jobs (kind, owner, priority, status, payload, max_attempts, unique_key, turn, run_at,
                timeout_seconds, parent_id, created_at)
            VALUES (\(job.kind), \(job.owner), \(job.priority), 'queued', \(job.payload), \(job.maxAttempts),
                \(job.uniqueKey), \(turn), \(runAt), \(max(1, job.timeout.wholeSeconds)), \(job.parent), \(now))
            ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND finished_at IS NULL DO NOTHING
            RETURNING id
            """)
    }
}
