import Foundation
import Persistence
import TestSupport
import Testing

@Suite("Backup, restore and copy")
struct TransferTests {
    let folder = TemporaryFolder()

    /// Texts as keys, references to rows that come later, a full-text index, and every kind of value.
    static let library = Migration("0001_library") { dialect in
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

    /// An empty database in the engine of this run.
    func empty() async throws -> TestDatabase { try await TestDatabase([]) }

    /// An empty database that a copy may fill.
    func target(_ test: TestDatabase) throws -> Database {
        guard test.url == nil else { return try test.open() }
        return Database(engine: try SQLiteEngine(path: test.folder.path("records.sqlite"), checksReferences: false))
    }

    func library(in test: TestDatabase, books: Int = 1200) async throws -> Database {
        let database = try test.open()
        try await database.migrate([Self.library])
        try await database.write { connection in
            try connection.execute("INSERT INTO shelves (id, within, name) VALUES (2, NULL, 'Hall'), (1, 2, '')")
            for number in 1...books {
                let cover: [UInt8]? = number % 3 == 0 ? nil : [UInt8](repeating: UInt8(number % 256), count: number % 7)
                try connection.execute(
                    """
                    INSERT INTO books (shelf_id, title, price, cover)
                    VALUES (1, \("Bücher \(number) 🎈"), \(number % 5 == 0 ? nil : Double(number) / 3), \(cover))
                    """)
                for tag in ["a", "Ä", "z\(number % 10)"] {
                    try connection.execute("INSERT INTO book_tags (tag, book_id) VALUES (\(tag), \(number))")
                }
                try connection.execute(
                    "INSERT INTO book_words (rowid, words) VALUES (\(number), \("book\(number) paper"))")
            }
            // The highest id is gone, and must not be given again.
            try connection.execute("DELETE FROM books WHERE id = \(books)")
        }
        return database
    }

    func archive(_ database: Database, _ name: String = "archive") async throws -> String {
        let path = folder.path(name)
        let descriptor = Glibc.open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        defer { close(descriptor) }
        _ = try await DatabaseBackup(of: database, version: "1").write(to: descriptor)
        return path
    }

    func restore(_ path: String, into database: Database, replacing: Bool = false) async throws -> TransferSummary {
        let descriptor = Glibc.open(path, O_RDONLY)
        defer { close(descriptor) }
        return try await DatabaseRestore(into: database, migrations: [Self.library])
            .read(from: descriptor, replacing: replacing)
    }

    func expectSame(_ first: Database, _ second: Database) async throws {
        #expect(try await contents(first) == contents(second))
    }

    /// Every row as text.
    func contents(_ database: Database) async throws -> [String] {
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

    func newID(_ database: Database) async throws -> Int? {
        try await database.write { connection in
            try connection.value("INSERT INTO books (shelf_id, title) VALUES (1, 'New') RETURNING id")
        }
    }

    @Test("what was backed up is restored, and ids go on where they were")
    func roundTrip() async throws {
        let home = try await empty()
        let library = try await library(in: home)
        let path = try await archive(library)
        let elsewhere = try await empty()
        let restored = try elsewhere.open()
        let summary = try await restore(path, into: restored)
        #expect(summary.tables == 4)
        #expect(summary.rows == 2 + 1199 + 1199 * 3 + 1200)
        try await expectSame(library, restored)
        #expect(try await newID(restored) == 1201)
        guard restored.dialect == .sqlite else { return }
        let found = try await restored.read {
            try $0.value("SELECT rowid FROM book_words WHERE book_words MATCH 'book77'", as: Int.self)
        }
        #expect(found == 77)
    }

    @Test("a backup shows one moment, whatever is written meanwhile")
    func oneMoment() async throws {
        let home = try await empty()
        let library = try await library(in: home)
        let before = try await contents(library)
        let descriptor = Glibc.open(folder.path("archive"), O_CREAT | O_WRONLY, 0o600)
        defer { close(descriptor) }
        let writes = AsyncStream.makeStream(of: Void.self)
        async let writing: Void = {
            for await _ in writes.stream {
                try await library.write { try $0.execute("DELETE FROM books WHERE id = (SELECT MIN(id) FROM books)") }
            }
        }()
        _ = try await DatabaseBackup(of: library, version: "1").write(to: descriptor) { _ in writes.continuation.yield()
        }
        writes.continuation.finish()
        try await writing
        let elsewhere = try await empty()
        let restored = try elsewhere.open()
        _ = try await restore(folder.path("archive"), into: restored)
        #expect(try await contents(restored) == before)
        #expect(try await contents(library) != before)
    }

    @Test("an archive that was cut off anywhere is refused, and nothing has changed")
    func cutOff() async throws {
        let home = try await empty()
        let path = try await archive(try await library(in: home, books: 300))
        let whole = try Data(contentsOf: URL(filePath: path))
        let elsewhere = try await empty()
        let other = try await self.library(in: elsewhere, books: 5)
        let before = try await contents(other)
        for share in [0, 1, 9, 18, 100, whole.count / 2, whole.count - 9, whole.count - 1] {
            try whole.prefix(share).write(to: URL(filePath: path))
            await #expect(throws: TransferFailure.self) { try await restore(path, into: other, replacing: true) }
            #expect(try await contents(other) == before)
        }
    }

    @Test("a changed byte is found wherever it is")
    func changed() async throws {
        let home = try await empty()
        let path = try await archive(try await library(in: home, books: 300))
        let whole = try Data(contentsOf: URL(filePath: path))
        let elsewhere = try await empty()
        let other = try await self.library(in: elsewhere, books: 5)
        let before = try await contents(other)
        var numbers = RandomNumbers(seed: 7)
        for _ in 0..<40 {
            var damaged = whole
            // The first ten bytes are gzip's head, which holds a time and a system that mean nothing.
            let place = Int.random(in: 10..<whole.count, using: &numbers)
            damaged[place] ^= UInt8.random(in: 1...255, using: &numbers)
            try damaged.write(to: URL(filePath: path))
            await #expect(throws: (any Error).self) { try await restore(path, into: other, replacing: true) }
        }
        #expect(try await contents(other) == before)
    }

    @Test("rows that are there are only replaced where that was asked for")
    func notEmpty() async throws {
        let home = try await empty()
        let library = try await library(in: home)
        let path = try await archive(library)
        let elsewhere = try await empty()
        let other = try await self.library(in: elsewhere, books: 5)
        await #expect(throws: TransferFailure.notEmpty(["book_tags", "book_words", "books", "shelves"])) {
            try await restore(path, into: other)
        }
        _ = try await restore(path, into: other, replacing: true)
        try await expectSame(library, other)
        #expect(try await newID(other) == 1201)
    }

    @Test("an older archive is brought up to date, a newer one refused")
    func schemas() async throws {
        let home = try await empty()
        let library = try await library(in: home, books: 10)
        let path = try await archive(library)
        let later = Migration("0002_later") { _ in ["ALTER TABLE books ADD COLUMN lent_to TEXT"] }
        let elsewhere = try await empty()
        let newer = try elsewhere.open()
        let descriptor = Glibc.open(path, O_RDONLY)
        defer { close(descriptor) }
        _ = try await DatabaseRestore(into: newer, migrations: [Self.library, later]).read(from: descriptor)
        #expect(try await newer.migrate([Self.library, later]).isEmpty)
        try await expectSame(library, newer)

        let newerArchive = try await archive(newer, "newer-archive")
        await #expect(throws: TransferFailure.newerSchema(["0002_later"])) {
            let third = try await empty()
            _ = try await restore(newerArchive, into: try third.open())
        }
    }

    @Test("a copy has every row, and ids go on where they were")
    func copy() async throws {
        let home = try await empty()
        let library = try await library(in: home)
        let place = try await empty()
        let target = try target(place)
        _ = try await DatabaseCopy(from: library, to: target, migrations: [Self.library]).run()
        try await expectSame(library, target)
        #expect(try await newID(target) == 1201)
        #expect(try await target.migrate([Self.library]).isEmpty)
    }

    @Test("a copy may go to the other engine and back")
    func otherEngine() async throws {
        let home = try await empty()
        let library = try await library(in: home)
        let file = folder.path("there.sqlite")
        let there = Database(engine: try SQLiteEngine(path: file, checksReferences: false))
        _ = try await DatabaseCopy(from: library, to: there, migrations: [Self.library]).run()
        try await expectSame(library, there)
        let place = try await empty()
        let back = try target(place)
        _ = try await DatabaseCopy(from: there, to: back, migrations: [Self.library]).run()
        try await expectSame(library, back)
        #expect(try await newID(back) == 1201)
        await #expect(throws: DatabaseFailure.self) {
            try await place.open().write {
                try $0.execute("INSERT INTO books (shelf_id, title) VALUES (77, 'Nowhere')")
            }
        }
    }

    /// A copy that stops after some pieces, as a killed one does.
    func stoppedCopy(of source: Database, to target: Database) async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelling is seen at the next transaction.
                _ = try? await DatabaseCopy(from: source, to: target, migrations: [Self.library]).run { progress in
                    if progress.rows > 500 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
        }
    }

    @Test("a copy that was stopped goes on where it was, and cannot be used before")
    func resumed() async throws {
        let home = try await empty()
        let library = try await library(in: home)
        let place = try await empty()
        let target = try target(place)
        try await stoppedCopy(of: library, to: target)
        await #expect(throws: DatabaseFailure.unfinishedCopy) { try await target.migrate([Self.library]) }
        let arrived = try await target.read { try $0.value("SELECT COUNT(*) FROM book_words", as: Int.self) ?? 0 }
        #expect(arrived > 0)
        #expect(arrived < 1200)
        _ = try await DatabaseCopy(from: library, to: target, migrations: [Self.library]).run()
        try await expectSame(library, target)
    }

    @Test("a copy whose source has changed since begins anew")
    func changedSource() async throws {
        let home = try await empty()
        let library = try await library(in: home)
        let place = try await empty()
        let target = try target(place)
        try await stoppedCopy(of: library, to: target)
        try await library.write { try $0.execute("UPDATE book_words SET words = 'other' WHERE rowid = 1") }
        _ = try await DatabaseCopy(from: library, to: target, migrations: [Self.library]).run()
        try await expectSame(library, target)
    }

    @Test("a target with data of its own, or with another's copy, is refused")
    func otherData() async throws {
        let home = try await empty()
        let library = try await library(in: home)
        let elsewhere = try await empty()
        let other = try await self.library(in: elsewhere, books: 3)
        await #expect(throws: TransferFailure.notEmpty(["book_tags", "book_words", "books", "shelves"])) {
            try await DatabaseCopy(from: library, to: other, migrations: [Self.library]).run()
        }
        let place = try await empty()
        let target = try target(place)
        try await stoppedCopy(of: library, to: target)
        await #expect(throws: TransferFailure.otherCopy) {
            try await DatabaseCopy(from: other, to: target, migrations: [Self.library]).run()
        }
    }

    @Test("a column that other engines have no equal for is named")
    func unknownColumn() async throws {
        let home = try await empty()
        let database = try home.open()
        try await database.migrate([
            Migration("0001_odd") { _ in ["CREATE TABLE odd (id BIGINT PRIMARY KEY, shape polygon)"] }
        ])
        await #expect(throws: TransferFailure.unknownColumn("odd.shape (polygon)")) { try await archive(database) }
    }
}
