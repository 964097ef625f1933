import Foundation
import Persistence

/// How the queue stands, for whoever looks after an installation.
public struct JobInspection: Sendable {
    /// Jobs whose time has come.
    public let waiting: Int
    /// Since when the one that has waited longest could have run.
    public let oldest: Date?
    public let running: Int
    /// Running jobs that nobody has said a word of for so long that their workers must be gone.
    public let abandoned: Int
    /// Jobs that failed for good within a day.
    public let failedLately: Int

    /// A worker gives a sign every few seconds.
    private static let patience: TimeInterval = 120

    public init(_ connection: SQLConnection, now: Date = Date()) throws {
        waiting = try connection.value("SELECT COUNT(*) FROM jobs WHERE status = 'queued' AND run_at <= \(now)") ?? 0
        oldest =
            try connection.value(
                "SELECT MIN(run_at) FROM jobs WHERE status = 'queued' AND run_at <= \(now)", as: Date?.self) ?? nil
        running = try connection.value("SELECT COUNT(*) FROM jobs WHERE status = 'running'") ?? 0
        abandoned =
            try connection.value(
                """
                SELECT COUNT(*) FROM jobs
                WHERE status = 'running' AND heartbeat_at < \(now.addingTimeInterval(-Self.patience))
                """) ?? 0
        failedLately =
            try connection.value(
                """
                SELECT COUNT(*) FROM jobs
                WHERE status = 'failed' AND finished_at >= \(now.addingTimeInterval(-86_400))
                """) ?? 0
    }
}
