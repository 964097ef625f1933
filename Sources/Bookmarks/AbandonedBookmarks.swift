import Accounts
import Foundation
import Jobs
import Persistence
import Search

/// Marks bookmarks whose work was cancelled, so that none waits for ever, and none promises another try.
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
        handlers.register(Self.kind) { context, _ in
            try await mark(context)
            try await forgetRetries(context)
        }
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
            let awaited = try awaited(pending.map(\.id), in: connection)
            for index in pending.indices { pending[index].isAbandoned = !awaited.contains(pending[index].id) }
            return pending
        }
    }

    /// Those of the bookmarks that have a job which waits or runs.
    private func awaited(_ bookmarks: [Bookmark.ID], in connection: SQLConnection) throws -> Set<Bookmark.ID> {
        let keys = try jobs.unfinished(
            BookmarkProcessing.kind, among: bookmarks.map(\.description), in: connection)
        return Set(bookmarks.filter { keys.contains($0.description) })
    }

    /// Unless its work has begun or ended since it was read.
    private func mark(_ pending: Pending, in connection: SQLConnection) throws {
        let found = try bookmarks.find(pending.id, ownedBy: pending.user, in: connection)
        guard found?.status == .pending, try awaited([pending.id], in: connection).isEmpty else { return }
        let outcome = BookmarkOutcome(
            status: .failed, failure: "Fetching the page was cancelled.", nextRetryAt: nil, page: nil, title: nil)
        guard let bookmark = try bookmarks.record(outcome, of: pending.id, ownedBy: pending.user, in: connection) else {
            return
        }
        try index.expectNoContent(
            of: .bookmark, bookmark.id.rawValue, in: .personal(ofUser: pending.user.rawValue), connection)
    }
}

/// Bookmarks whose last try has failed and whose next was cancelled. The time of a retry is written together with its
/// job, so it holds as long as there is that job.
extension AbandonedBookmarks {
    private func forgetRetries(_ context: JobContext) async throws {
        var last = Bookmark.ID(0)
        while true {
            let (abandoned, newest) = try await promised(after: last)
            for (user, ids) in Dictionary(grouping: abandoned, by: \.user).mapValues({ $0.map(\.id) }) {
                try Task.checkCancellation()
                try await database.write(.owner(user)) { connection in
                    try context.requireLease(in: connection)
                    let awaited = try awaited(ids, in: connection)
                    try bookmarks.forgetRetries(of: ids.filter { !awaited.contains($0) }, ownedBy: user, in: connection)
                }
            }
            guard let newest else { return }
            last = newest
        }
    }

    /// - Returns: those without a job among the next, and the last that was looked at; nil at the end.
    private func promised(
        after last: Bookmark.ID
    ) async throws -> (abandoned: [(id: Bookmark.ID, user: User.ID)], newest: Bookmark.ID?) {
        try await database.read { connection in
            let promised = try connection.all(
                """
                SELECT id, user_id FROM bookmarks WHERE next_retry_at IS NOT NULL AND id > \(last)
                ORDER BY id LIMIT \(Self.batch)
                """
            ) { row in (id: try row.next(Bookmark.ID.self), user: try row.next(User.ID.self)) }
            let awaited = try awaited(promised.map(\.id), in: connection)
            return (promised.filter { !awaited.contains($0.id) }, promised.last?.id)
        }
    }
}
