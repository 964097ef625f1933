import Foundation
import Persistence

/// The durable queue: takes work in, and shows, cancels and repeats it. `Worker` does the work.
public final class JobQueue: Sendable {
    let database: Database
    let now: @Sendable () -> Date
    private let announcement: @Sendable () -> Void
    private let changeAnnouncement: @Sendable ([Job.ID]) -> Void
    private let idleWorkers = Listeners<Wake>()
    private let watchers = Listeners<Job.ID>()

    private struct Wake: Hashable, Sendable {}

    /// - Parameters:
    ///   - announcement: called with every `wake()`, to tell other processes, which then call `wakeLocally()`.
    ///     Without it they find new work within their poll interval.
    ///   - changeAnnouncement: called with jobs that stand otherwise than before, to tell other processes, which then
    ///     call `changedElsewhere`. Without it those who watch a job there find out within their poll interval.
    ///   - now: the clock that retries, leases and schedules go by.
    public init(
        database: Database,
        announcement: @escaping @Sendable () -> Void = {},
        changeAnnouncement: @escaping @Sendable ([Job.ID]) -> Void = { _ in },
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.database = database
        self.announcement = announcement
        self.changeAnnouncement = changeAnnouncement
        self.now = now
    }

    /// Puts a job into the caller's own transaction; `wake()` once that is committed.
    ///
    /// - Returns: the new job, or the unfinished one with the same unique key.
    @discardableResult
    public func enqueue(_ job: NewJob, in connection: SQLConnection) throws -> Job.ID {
        try enqueue([job], in: connection)[0]
    }

    /// Puts many jobs into the caller's own transaction; one id for each, in their order.
    @discardableResult
    public func enqueue(_ jobs: [NewJob], in connection: SQLConnection) throws -> [Job.ID] {
        var line = WaitingLine(connection: connection, now: now())
        return try line.add(jobs)
    }

    /// Puts a job into the queue in a transaction of its own, and wakes idle workers.
    ///
    /// - Returns: the new job, or the unfinished one with the same unique key.
    @discardableResult
    public func enqueue(_ job: NewJob) async throws -> Job.ID {
        try await write { [self] connection in try enqueue(job, in: connection) }
    }

    /// Puts many jobs into the queue in one transaction; one id for each, in their order.
    @discardableResult
    public func enqueue(_ jobs: [NewJob]) async throws -> [Job.ID] {
        try await write { [self] connection in try enqueue(jobs, in: connection) }
    }

    /// One transaction that may enqueue: idle workers start as soon as it is committed.
    @discardableResult
    public func write<Value: Sendable>(
        _ access: RowAccess = .installation, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        let value = try await database.write(access, body)
        wake()
        return value
    }

    /// Idle workers look for work at once. Cheap, and harmless where there is none.
    public func wake() {
        wakeLocally()
        announcement()
    }

    /// What `wake()` does within this process.
    public func wakeLocally() { idleWorkers.announce([Wake()]) }

    /// Which of these keys have a job that waits or runs.
    public func unfinished<Payload>(
        _ kind: JobKind<Payload>, among uniqueKeys: [String], in connection: SQLConnection
    ) throws -> Set<String> {
        guard !uniqueKeys.isEmpty else { return [] }
        return Set(
            try connection.values(
                """
                SELECT unique_key FROM jobs
                WHERE kind = \(kind.name) AND unique_key IN \(list: uniqueKeys) AND finished_at IS NULL
                """))
    }

    /// Whether work has been due for that long while nobody works.
    public func isStalled(for duration: Duration) async throws -> Bool {
        let due = now().addingTimeInterval(-duration.seconds)
        return try await database.read { connection in
            try connection.value(
                """
                SELECT NOT EXISTS (SELECT 1 FROM jobs WHERE status = 'running')
                    AND EXISTS (SELECT 1 FROM jobs WHERE status = 'queued' AND turn IS NOT NULL AND run_at < \(due))
                """, as: Bool.self) ?? false
        }
    }

    func listenForWork(ring: @escaping @Sendable () -> Void) -> some Sendable {
        idleWorkers.listen(to: Wake(), ring: ring)
    }

    func watch(_ job: Job.ID, ring: @escaping @Sendable () -> Void) -> some Sendable {
        watchers.listen(to: job, ring: ring)
    }

    func announceChange(of jobs: [Job.ID]) {
        guard !jobs.isEmpty else { return }
        watchers.announce(jobs)
        changeAnnouncement(jobs)
    }

    /// Those who watch jobs in this process look at them at once.
    ///
    /// - Parameter jobs: nil where any may have changed.
    public func changedElsewhere(_ jobs: [Job.ID]?) {
        if let jobs { watchers.announce(jobs) } else { watchers.announceAll() }
    }
}
