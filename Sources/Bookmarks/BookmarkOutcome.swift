import Accounts
import Foundation
import Persistence

/// How a try to keep a page ended, as the bookmark's row says it.
struct BookmarkOutcome: Sendable {
    let status: Bookmark.Status
    /// One sentence for people.
    let failure: String?
    let nextRetryAt: Date?
    /// What the page says of itself; nil keeps what is known.
    let page: PageFacts?
    /// What the page calls itself; it replaces no title that a person gave.
    let title: String?
}

extension BookmarkRepository {
    /// Writes how a try ended, and gives back the bookmark as it is now; nil where it was deleted meanwhile.
    func record(
        _ outcome: BookmarkOutcome, of id: Bookmark.ID, ownedBy user: User.ID, in connection: SQLConnection
    ) throws -> Bookmark? {
        guard var bookmark = try find(id, ownedBy: user, in: connection) else { return nil }
        if let title = outcome.title, !title.isEmpty, bookmark.titleSource != .user {
            bookmark.title = title
            bookmark.titleSource = .page
        }
        // A later try that fails takes nothing away from what an earlier one kept.
        if let page = outcome.page, outcome.status == .ready || bookmark.page.wordCount == nil { bookmark.page = page }
        bookmark.updatedAt = .currentMicrosecond
        let page = bookmark.page
        try connection.execute(
            """
            UPDATE bookmarks SET title = \(bookmark.title), title_source = \(bookmark.titleSource),
                status = \(outcome.status), failure = \(outcome.failure), next_retry_at = \(outcome.nextRetryAt),
                site_name = \(page.siteName), byline = \(page.byline), excerpt = \(page.excerpt),
                image = \(page.image), lang = \(page.lang), published_at = \(page.publishedAt),
                page_kind = \(page.pageKind), word_count = \(page.wordCount), updated_at = \(bookmark.updatedAt)
            WHERE id = \(id) AND user_id = \(user)
            """)
        return try find(id, ownedBy: user, in: connection)
    }

    /// There will be no other try.
    func forgetRetries(of ids: [Bookmark.ID], ownedBy user: User.ID, in connection: SQLConnection) throws {
        guard !ids.isEmpty else { return }
        try connection.execute(
            """
            UPDATE bookmarks SET next_retry_at = NULL, updated_at = \(Date.currentMicrosecond)
            WHERE id IN \(list: ids) AND user_id = \(user) AND next_retry_at IS NOT NULL
            """)
    }
}
