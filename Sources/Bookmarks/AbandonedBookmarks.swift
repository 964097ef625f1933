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

    private func mark(_ context: JobContext) async throws {
        var last = Date(microseconds: 0)
        // A bookmark and its job are written together, so age does not matter; the limit only spares fresh ones.
        let newest = Date().addingTimeInterval(-30)
        while true {
            let from = last
            let seen = try await database.write { connection in
                try context.requireLease(in: connection)
                return try mark(from: from, to: newest, in: connection)
            }
            guard let seen, seen > last else { return }
            last = seen
        }
    }

    private func mark(from: Date, to newest: Date, in connection: SQLConnection) throws -> Date? {
        let pending = try connection.all(
            """
            SELECT id, user_id, updated_at FROM bookmarks
            WHERE status = 'pending' AND updated_at > \(from) AND updated_at <= \(newest)
            ORDER BY updated_at LIMIT \(Self.batch)
            """
        ) { row in (try row.next(Bookmark.ID.self), try row.next(User.ID.self), try row.next(Date.self)) }
        for (id, user, _) in pending
        where try !jobs.isUnfinished(BookmarkProcessing.kind, uniqueKey: id.description, in: connection) {
            let outcome = BookmarkOutcome(
                status: .failed, failure: "Fetching the page was cancelled.", nextRetryAt: nil, page: nil,
                title: nil)
            guard let bookmark = try bookmarks.record(outcome, of: id, ownedBy: user, in: connection) else { continue }
            try index.put(bookmark.searchEntry(ownedBy: user), meaning: .due, in: connection)
        }
        return pending.last?.2
    }
}
