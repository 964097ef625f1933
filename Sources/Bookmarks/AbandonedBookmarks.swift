import Accounts
import Foundation
import Jobs
import Persistence
import Search

/// Marks bookmarks whose work was cancelled, so that none waits for ever.
public struct AbandonedBookmarks: Sendable {
    static let kind = JobKind<NoPayload>("bookmarks.abandoned", maxAttempts: 1)
    private static let batch = 500

    private let database: Database
    private let index: SearchIndex
    private let jobs: JobQueue
    private let bookmarks = BookmarkRepository()

    public init(database: Database, index: SearchIndex, jobs: JobQueue) {
        self.database = database
        self.index = index
        self.jobs = jobs
    }

    public func register(in handlers: inout JobHandlers) {
        handlers.register(Self.kind) { context, _ in try await mark(context) }
    }

    public static func schedule() throws -> Schedule {
        Schedule("bookmarks.abandoned", every: .seconds(60), try NewJob(kind, NoPayload(), priority: .low))
    }

    private struct Pending: Sendable {
        let id: Bookmark.ID
        let user: User.ID
        let updatedAt: Date
        var isAbandoned = false
    }

    private func mark(_ context: JobContext) async throws {
        var last = Date(microseconds: 0)
        // A bookmark and its job are written together, so age does not matter; the limit only spares fresh ones.
        let newest = Date().addingTimeInterval(-30)
        while true {
            let pending = try await pending(after: last, to: newest)
            for bookmark in pending where bookmark.isAbandoned {
                try Task.checkCancellation()
                try await database.write(.owner(bookmark.user)) { connection in
                    try context.requireLease(in: connection)
                    try mark(bookmark, in: connection)
                }
            }
            guard let seen = pending.last?.updatedAt, seen > last else { return }
            last = seen
        }
    }

    private func pending(after last: Date, to newest: Date) async throws -> [Pending] {
        try await database.read { connection in
            var pending = try connection.all(
                """
                SELECT id, user_id, updated_at FROM bookmarks
                WHERE status = 'pending' AND updated_at > \(last) AND updated_at <= \(newest)
                ORDER BY updated_at LIMIT \(Self.batch)
                """
            ) { row in Pending(id: try row.next(), user: try row.next(), updatedAt: try row.next()) }
            for index in pending.indices {
                pending[index].isAbandoned = try !isAwaited(pending[index].id, in: connection)
            }
            return pending
        }
    }

    private func isAwaited(_ bookmark: Bookmark.ID, in connection: SQLConnection) throws -> Bool {
        try jobs.isUnfinished(BookmarkProcessing.kind, uniqueKey: bookmark.description, in: connection)
    }

    /// Unless its work has begun or ended since it was read.
    private func mark(_ pending: Pending, in connection: SQLConnection) throws {
        let found = try bookmarks.find(pending.id, ownedBy: pending.user, in: connection)
        guard found?.status == .pending, try !isAwaited(pending.id, in: connection) else { return }
        let outcome = BookmarkOutcome(
            status: .failed, failure: "Fetching the page was cancelled.", nextRetryAt: nil, page: nil, title: nil)
        guard let bookmark = try bookmarks.record(outcome, of: pending.id, ownedBy: pending.user, in: connection) else {
            return
        }
        try index.expectNoContent(
            of: .bookmark, bookmark.id.rawValue, in: .personal(ofUser: pending.user.rawValue), connection)
    }
}
