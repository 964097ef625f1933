import Accounts
import Foundation
import Persistence

/// What is kept of the page behind a bookmark.
public struct BookmarkContent: Sendable, Codable, Equatable {
    /// Where the page was found in the end.
    public let finalURL: String
    public let text: String
    /// Cleaned when it was stored, and again when it is served.
    public var html: String
    public let capturedAt: Date

    enum CodingKeys: String, CodingKey {
        case finalURL = "final_url"
        case text, html
        case capturedAt = "captured_at"
    }
}

/// A page as an extension saw it, kept until it has been processed.
struct BookmarkCapture: Sendable {
    let html: String?
    let text: String?
}

/// The rows of contents and captures.
struct BookmarkContentRepository: Sendable {
    func find(_ id: Bookmark.ID, ownedBy user: User.ID, in connection: SQLConnection) throws -> BookmarkContent? {
        try connection.first(
            """
            SELECT final_url, text, html, captured_at FROM bookmark_contents
            WHERE bookmark_id = \(id) AND user_id = \(user)
            """
        ) { row in
            BookmarkContent(
                finalURL: try row.next(), text: try row.next(), html: try row.next(), capturedAt: try row.next())
        }
    }

    /// The texts of several bookmarks, for snippets and for embedding what could not be embedded before.
    func texts(
        of ids: [Int64], ownedBy user: User.ID, in connection: SQLConnection
    ) throws -> [Int64: String] {
        var texts: [Int64: String] = [:]
        try connection.forEach(
            "SELECT bookmark_id, text FROM bookmark_contents WHERE bookmark_id IN \(list: ids) AND user_id = \(user)"
        ) { row in
            texts[try row.next()] = try row.next()
        }
        return texts
    }

    func store(
        _ content: BookmarkContent, of id: Bookmark.ID, ownedBy user: User.ID, in connection: SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO bookmark_contents (bookmark_id, user_id, final_url, text, html, captured_at)
            VALUES (\(id), \(user), \(content.finalURL), \(content.text), \(content.html), \(content.capturedAt))
            ON CONFLICT (bookmark_id) DO UPDATE SET final_url = excluded.final_url, text = excluded.text,
                html = excluded.html, captured_at = excluded.captured_at
            """)
    }

    func storeCapture(
        _ capture: BookmarkCapture, of id: Bookmark.ID, ownedBy user: User.ID, in connection: SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO bookmark_captures (bookmark_id, user_id, html, text, captured_at)
            VALUES (\(id), \(user), \(capture.html), \(capture.text), \(Date.currentMicrosecond))
            ON CONFLICT (bookmark_id) DO UPDATE SET html = excluded.html, text = excluded.text,
                captured_at = excluded.captured_at
            """)
    }

    func findCapture(_ id: Bookmark.ID, ownedBy user: User.ID, in connection: SQLConnection) throws -> BookmarkCapture?
    {
        try connection.first(
            "SELECT html, text FROM bookmark_captures WHERE bookmark_id = \(id) AND user_id = \(user)"
        ) { row in BookmarkCapture(html: try row.next(), text: try row.next()) }
    }

    /// Removes captures whose pages failed more than a week ago, until when their jobs can be tried again.
    @Sendable func removeFailedCaptures(_ connection: SQLConnection, limit: Int) throws -> Int {
        let weekAgo = Date().addingTimeInterval(-7 * 24 * 60 * 60)
        return try connection.execute(
            """
            DELETE FROM bookmark_captures WHERE bookmark_id IN (
                SELECT captures.bookmark_id
                FROM bookmark_captures captures JOIN bookmarks ON bookmarks.id = captures.bookmark_id
                WHERE captures.captured_at < \(weekAgo) AND bookmarks.status <> 'pending'
                    AND bookmarks.updated_at < \(weekAgo) AND bookmarks.next_retry_at IS NULL
                ORDER BY captures.captured_at LIMIT \(limit))
                AND captured_at < \(weekAgo)
            """)
    }

    func deleteCapture(_ id: Bookmark.ID, ownedBy user: User.ID, in connection: SQLConnection) throws {
        try connection.execute("DELETE FROM bookmark_captures WHERE bookmark_id = \(id) AND user_id = \(user)")
    }
}
