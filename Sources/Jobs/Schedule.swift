import Foundation
import Persistence
import Synchronization

/// Work that comes back again and again, through the queue like any other.
///
/// Times lie on a grid of the interval, and one row in the database says which comes next: however many processes
/// have the schedule, each time is enqueued once. Times missed while nothing ran are made up for by one job.
public struct Schedule: Sendable {
    /// Unique for ever: its row in the database.
    public let name: String
    public let interval: Duration
    private let job: NewJob

    /// - Parameter job: enqueued each time, unless the last one is unfinished.
    public init(_ name: String, every interval: Duration, _ job: NewJob) {
        self.name = name
        self.interval = max(interval, .seconds(1))
        var job = job
        job.uniqueKey = job.uniqueKey ?? "schedule:\(name)"
        self.job = job
    }

    /// Enqueues the job where its time has come; the first time is now.
    ///
    /// - Returns: when it comes next.
    func enqueueIfDue(in connection: SQLConnection, queue: JobQueue, now: Date) throws -> Date {
        let next = following(now)
        try connection.execute(
            """
            INSERT INTO job_schedules (name, next_at) VALUES (\(name), \(now)) ON CONFLICT (name) DO NOTHING
            """)
        // A time more than two intervals away stems from a longer interval or a clock set back. Within them it may
        // come from a process whose clock is ahead of this one's.
        let moved = try connection.execute(
            """
            UPDATE job_schedules SET next_at = \(next)
            WHERE name = \(name) AND (next_at <= \(now) OR next_at > \(now.addingTimeInterval(2 * interval.seconds)))
            """)
        guard moved > 0 else {
            return try connection.value("SELECT next_at FROM job_schedules WHERE name = \(name)") ?? next
        }
        try queue.enqueue(job, in: connection)
        return next
    }

    private func following(_ now: Date) -> Date {
        let step = Int64(interval.seconds * 1_000_000)
        return Date(microseconds: (now.microseconds / step + 1) * step)
    }
}

extension Worker {
    func runSchedules(at now: Date) async throws {
        let due = state.withLock { state in
            state.closing == nil ? schedules.filter { state.nextSchedules[$0.name] ?? now <= now } : []
        }
        for schedule in due {
            let next = try await queue.write { [queue] connection in
                try schedule.enqueueIfDue(in: connection, queue: queue, now: now)
            }
            state.withLock { $0.nextSchedules[schedule.name] = next }
        }
    }
}
