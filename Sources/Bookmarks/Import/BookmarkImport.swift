import Accounts
import Foundation
import Persistence

/// A file of bookmarks that was handed in, kept in pieces until its links are records.
public struct BookmarkImport: Sendable {
    public typealias ID = Identifier<BookmarkImport>

    let id: ID
    let user: User.ID
    let skipsFetching: Bool
}

/// The rows of imports and the pieces of their files.
struct BookmarkImportRepository: Sendable {
    func insert(ownedBy user: User.ID, skipsFetching: Bool, in connection: SQLConnection) throws -> BookmarkImport {
        let id = try connection.value(
            """
            INSERT INTO bookmark_imports (user_id, skips_fetching, created_at)
            VALUES (\(user), \(skipsFetching), \(Date.currentMicrosecond)) RETURNING id
            """, as: BookmarkImport.ID.self)
        guard let id else { throw DatabaseFailure.other("INSERT returned no row") }
        return BookmarkImport(id: id, user: user, skipsFetching: skipsFetching)
    }

    func find(
        _ id: BookmarkImport.ID, ownedBy user: User.ID, in connection: SQLConnection
    ) throws -> BookmarkImport? {
        try connection.first(
            "SELECT id, user_id, skips_fetching FROM bookmark_imports WHERE id = \(id) AND user_id = \(user)"
        ) { row in
            BookmarkImport(id: try row.next(), user: try row.next(), skipsFetching: try row.next())
        }
    }

    func append(_ bytes: [UInt8], as ordinal: Int, to id: BookmarkImport.ID, in connection: SQLConnection) throws {
        try connection.execute(
            "INSERT INTO bookmark_import_chunks (import_id, ordinal, bytes) VALUES (\(id), \(ordinal), \(bytes))")
    }

    func chunk(_ ordinal: Int, of id: BookmarkImport.ID, in connection: SQLConnection) throws -> [UInt8]? {
        try connection.value(
            "SELECT bytes FROM bookmark_import_chunks WHERE import_id = \(id) AND ordinal = \(ordinal)")
    }

    /// The oldest imports that began before then, whoever's they are.
    func begun(before time: Date, limit: Int, in connection: SQLConnection) throws -> [BookmarkImport.ID] {
        try connection.values(
            "SELECT id FROM bookmark_imports WHERE created_at < \(time) ORDER BY created_at LIMIT \(limit)")
    }

    func delete(_ id: BookmarkImport.ID, in connection: SQLConnection) throws {
        try connection.execute("DELETE FROM bookmark_imports WHERE id = \(id)")
    }
}
