import Foundation
import Persistence

/// A piece of work as its owner sees it.
public struct Job: Sendable, Equatable, Identifiable {
    public typealias ID = Identifier<Job>

    public let id: ID
    /// The name of its `JobKind`.
    public let kind: String
    public let status: JobStatus
    public let progress: JobProgress
    /// JSON, where the handler gave a result.
    public let result: String?
    /// What went wrong the last time, in words for people.
    public let failure: String?
    /// Attempts begun and neither put back nor snoozed.
    public let attempts: Int
    public let createdAt: Date
    /// When it may start, at the earliest.
    public let runAt: Date
    public let startedAt: Date?
    public let finishedAt: Date?

    /// When it will be tried again; nil unless an attempt has failed and another follows.
    public var nextRetryAt: Date? { status == .queued && failure != nil ? runAt : nil }
}

public enum JobStatus: String, Sendable, CaseIterable, SQLConvertible {
    case queued, running, succeeded, failed, cancelled

    public var isFinished: Bool { self != .queued && self != .running }
}

/// Work of a more urgent priority is always handed out first.
public enum JobPriority: Int, Sendable {
    /// Somebody is waiting for it.
    case interactive = 0
    case normal = 1
    /// Bulk work and housekeeping.
    case low = 2
}

public struct JobProgress: Sendable, Equatable {
    public var done: Int
    /// Nil while nobody knows.
    public var total: Int?
    public var message: String?

    public init(done: Int = 0, total: Int? = nil, message: String? = nil) {
        self.done = done
        self.total = total
        self.message = message
    }
}

/// How many children of a job are in each status.
public struct JobCounts: Sendable, Equatable {
    private var counts: [JobStatus: Int] = [:]

    public init(_ counts: [JobStatus: Int] = [:]) { self.counts = counts }

    public internal(set) subscript(status: JobStatus) -> Int {
        get { counts[status, default: 0] }
        set { counts[status] = newValue }
    }

    public var total: Int { counts.values.reduce(0, +) }

    public var unfinished: Int { self[.queued] + self[.running] }
}

extension JobPriority: SQLConvertible {
    public static var sqlType: SQLType { .integer }
    public var sqlValue: SQLValue { .integer(Int64(rawValue)) }

    public static func read(from row: borrowing SQLRow, at index: Int) throws -> Self {
        let number = Int.read(from: row, at: index)
        guard let priority = Self(rawValue: number) else {
            throw DatabaseFailure.unexpectedValue("\(number) for JobPriority")
        }
        return priority
    }
}

extension Job {
    static let columns: SQL = """
        id, kind, status, progress_done, progress_total, progress_message, result, failure, attempts, created_at, \
        run_at, started_at, finished_at
        """

    init(row: inout SQLRow) throws {
        id = try row.next()
        kind = try row.next()
        status = try row.next()
        progress = JobProgress(done: try row.next(), total: try row.next(), message: try row.next())
        result = try row.next()
        failure = try row.next()
        attempts = try row.next()
        createdAt = try row.next()
        runAt = try row.next()
        startedAt = try row.next()
        finishedAt = try row.next()
    }
}
