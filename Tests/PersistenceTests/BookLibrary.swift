import Foundation
import Persistence
import TestSupport
import Testing

/// A database of books on shelves, or for them, in the engine of this run.
struct BookLibrary {
    /// Texts as keys, references to rows that come later, a full-text index, and every kind of value.
    static let schema = Migration("0001_library") { dialect in
        [
            """
            CREATE TABLE shelves (id \(dialect.identityColumn), within BIGINT REFERENCES shelves (id), name TEXT NOT NULL)
            """,
            """
            CREATE TABLE books (
                id \(dialect.identityColumn), shelf_id BIGINT NOT NULL REFERENCES shelves (id) ON DELETE CASCADE,
                title TEXT NOT NULL, price \(dialect == .sqlite ? "REAL" : "DOUBLE PRECISION"), cover \(dialect.blobColumn)
            )
            """,
            """
            CREATE TABLE book_tags (
                tag TEXT NOT NULL, book_id BIGINT NOT NULL REFERENCES books (id) ON DELETE CASCADE,
                PRIMARY KEY (tag, book_id)
            )\(dialect.clusteredByPrimaryKey)
            """,
            dialect == .sqlite
                ? "CREATE VIRTUAL TABLE book_words USING fts5 (words)"
                : "CREATE TABLE book_words (rowid BIGINT PRIMARY KEY, words TEXT NOT NULL)",
        ]
    }

    let records: TestDatabase
    let database: Database

    /// Nothing at all.
    static func empty() async throws -> BookLibrary {
        let records = try await TestDatabase([])
        return BookLibrary(records: records, database: try records.open())
    }

    /// Nothing, and a copy may fill it.
    static func copyTarget() async throws -> BookLibrary {
        let records = try await TestDatabase([])
        guard records.url == nil else { return BookLibrary(records: records, database: try records.open()) }
        let engine = try SQLiteEngine(path: records.folder.path("records.sqlite"), checksReferences: false)
        return BookLibrary(records: records, database: Database(engine: engine))
    }

    /// So many books but the last, whose id was given and must not be given again.
    static func full(books: Int = 1200) async throws -> BookLibrary {
        let library = try await empty()
        try await library.database.migrate([schema])
        try await library.database.write { connection in
            try connection.execute("INSERT INTO shelves (id, within, name) VALUES (2, NULL, 'Hall'), (1, 2, '')")
            for number in 1...books { try insert(number, connection) }
            try connection.execute("DELETE FROM books WHERE id = \(books)")
        }
        return library
    }

    private static func insert(_ number: Int, _ connection: SQLConnection) throws {
        let cover: [UInt8]? = number % 3 == 0 ? nil : [UInt8](repeating: UInt8(number % 256), count: number % 7)
        try connection.execute(
            """
            INSERT INTO books (shelf_id, title, price, cover)
            VALUES (1, \("Bücher \(number) 🎈"), \(number % 5 == 0 ? nil : Double(number) / 3), \(cover))
            """)
        for tag in ["a", "Ä", "z\(number % 10)"] {
            try connection.execute("INSERT INTO book_tags (tag, book_id) VALUES (\(tag), \(number))")
        }
        try connection.execute("INSERT INTO book_words (rowid, words) VALUES (\(number), \("book\(number) paper"))")
    }

    /// The id of a book that comes now.
    func newID() async throws -> Int? {
        try await database.write { connection in
            try connection.value("INSERT INTO books (shelf_id, title) VALUES (1, 'New') RETURNING id")
        }
    }

    /// Every row as text.
    func contents() async throws -> [String] {
        try await database.read { connection in
            try connection.all("SELECT id, within, name FROM shelves ORDER BY id") {
                "\(try $0.next(Int.self)) \(try $0.next(Int?.self) ?? 0) \(try $0.next(String.self))"
            }
                + connection.all("SELECT id, shelf_id, title, price, cover FROM books ORDER BY id") { row in
                    "\(try row.next(Int.self)) \(try row.next(Int.self)) \(try row.next(String.self)) "
                        + "\(String(describing: try row.next(Double?.self))) \(String(describing: try row.next([UInt8]?.self)))"
                }
                + connection.all("SELECT tag, book_id FROM book_tags ORDER BY book_id, tag") {
                    "\(try $0.next(String.self)) \(try $0.next(Int.self))"
                }
                + connection.all("SELECT rowid, words FROM book_words ORDER BY rowid") {
                    "\(try $0.next(Int.self)) \(try $0.next(String.self))"
                }
        }
    }

    func expectSame(as other: BookLibrary, _ location: SourceLocation = #_sourceLocation) async throws {
        let (own, others) = (try await contents(), try await other.contents())
        #expect(own == others, sourceLocation: location)
    }
}
