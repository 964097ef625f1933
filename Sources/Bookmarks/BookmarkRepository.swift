import Accounts
import Foundation
import Persistence

/// The bookmarks' rows. Every query takes the user it is for.
struct BookmarkRepository: Sendable {
    struct NewBookmark: Sendable {
        let address: BookmarkAddress
        let title: String?
        let notes: String
        let tags: TagList
        let category: String?
        let status: Bookmark.Status
        let createdAt: Date
    }

    /// Inserts the bookmark unless the user has the same link already.
    func insert(_ new: NewBookmark, ownedBy user: User.ID, in connection: SQLConnection) throws -> Bookmark? {
        let title = new.title ?? new.address.identityKey
        let source: Bookmark.TitleSource = new.title == nil ? .address : .user
        let inserted = try connection.first(
            """
            INSERT INTO bookmarks (user_id, url, identity_key, identity_hash, similarity_hash, domain, title,
                title_source, notes, tags, category, status, created_at, updated_at)
            VALUES (\(user), \(new.address.original), \(new.address.identityKey), \(new.address.identityHash),
                \(new.address.similarityHash), \(new.address.domain), \(title), \(source), \(new.notes),
                \(new.tags.stored), \(new.category), \(new.status), \(new.createdAt), \(Date.currentMicrosecond))
            ON CONFLICT (user_id, identity_hash) DO NOTHING
            RETURNING \(Bookmark.columns)
            """, Bookmark.init(row:))
        guard let inserted else { return nil }
        try insertTags(new.tags, of: inserted.id, ownedBy: user, in: connection)
        try addToCount(1, of: user, in: connection)
        return inserted
    }

    func find(_ id: Bookmark.ID, ownedBy user: User.ID, in connection: SQLConnection) throws -> Bookmark? {
        try connection.first(
            "SELECT \(Bookmark.columns) FROM bookmarks WHERE id = \(id) AND user_id = \(user)", Bookmark.init(row:))
    }

    func find(_ address: BookmarkAddress, ownedBy user: User.ID, in connection: SQLConnection) throws -> Bookmark? {
        try connection.first(
            """
            SELECT \(Bookmark.columns) FROM bookmarks
            WHERE user_id = \(user) AND identity_hash = \(address.identityHash)
            """, Bookmark.init(row:))
    }

    /// The newest other bookmark of the same site and path, whatever its query.
    func findSimilar(
        to address: BookmarkAddress, ownedBy user: User.ID, in connection: SQLConnection
    ) throws -> Bookmark.ID? {
        try connection.value(
            """
            SELECT id FROM bookmarks
            WHERE user_id = \(user) AND similarity_hash = \(address.similarityHash)
                AND identity_hash <> \(address.identityHash)
            ORDER BY id DESC LIMIT 1
            """)
    }

    func list(
        _ filter: BookmarkFilter, ownedBy user: User.ID, after cursor: BookmarkCursor?, offset: Int, limit: Int
    ) -> SQLQuery<[Bookmark]> {
        var condition = filter.condition(ownedBy: user)
        if let cursor {
            condition = "\(condition) AND (created_at, id) < (\(cursor.createdAt), \(cursor.id))"
        }
        // What PostgreSQL's planner sees of the numbers is the same each time, or it would plan each time anew.
        let skipping: SQL = offset == 0 ? "" : "OFFSET (SELECT CAST(\(offset) AS BIGINT))"
        return .all(
            """
            SELECT \(Bookmark.columns) FROM bookmarks WHERE \(condition)
            ORDER BY created_at DESC, id DESC LIMIT \(literal: Int64(limit)) \(skipping)
            """, Bookmark.init(row:))
    }

    /// How many bookmarks pass the filter; a whole library's number is kept, so that a list does not count it.
    func count(_ filter: BookmarkFilter, ownedBy user: User.ID) -> SQLQuery<Int> {
        .value(
            filter.isEmpty
                ? "SELECT bookmarks FROM bookmark_counts WHERE user_id = \(user)"
                : "SELECT COUNT(*) FROM bookmarks WHERE \(filter.condition(ownedBy: user))", orElse: 0)
    }

    /// Writes what a person may change.
    func update(_ bookmark: Bookmark, ownedBy user: User.ID, in connection: SQLConnection) throws {
        let tags = TagList(kept: bookmark.tags)
        try connection.execute(
            """
            UPDATE bookmarks SET title = \(bookmark.title), title_source = \(bookmark.titleSource),
                notes = \(bookmark.notes), tags = \(tags.stored), category = \(bookmark.category),
                updated_at = \(bookmark.updatedAt)
            WHERE id = \(bookmark.id) AND user_id = \(user)
            """)
        try connection.execute("DELETE FROM bookmark_tags WHERE bookmark_id = \(bookmark.id)")
        try insertTags(tags, of: bookmark.id, ownedBy: user, in: connection)
    }

    func delete(_ id: Bookmark.ID, ownedBy user: User.ID, in connection: SQLConnection) throws -> Bool {
        let deleted = try connection.execute("DELETE FROM bookmarks WHERE id = \(id) AND user_id = \(user)") > 0
        if deleted { try addToCount(-1, of: user, in: connection) }
        return deleted
    }

    private func insertTags(
        _ tags: TagList, of id: Bookmark.ID, ownedBy user: User.ID, in connection: SQLConnection
    ) throws {
        try connection.execute(
            all: tags.keys.map { key in
                """
                INSERT INTO bookmark_tags (user_id, tag_key, bookmark_id) VALUES (\(user), \(key), \(id))
                ON CONFLICT DO NOTHING
                """
            })
    }

    private func addToCount(_ change: Int, of user: User.ID, in connection: SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO bookmark_counts (user_id, bookmarks) VALUES (\(user), \(max(change, 0)))
            ON CONFLICT (user_id) DO UPDATE SET bookmarks = bookmark_counts.bookmarks + \(change)
            """)
    }
}

/// The place in the list after which the next page begins.
struct BookmarkCursor: Sendable, Equatable {
    let createdAt: Date
    let id: Bookmark.ID
}
