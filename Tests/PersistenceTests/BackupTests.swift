import Foundation
import Persistence
import TestSupport
import Testing

@Suite("Backup and restore")
struct BackupTests {
    let folder = TemporaryFolder()

    func archive(_ library: BookLibrary, _ name: String = "archive") async throws -> String {
        let path = folder.path(name)
        let descriptor = Glibc.open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        defer { close(descriptor) }
        _ = try await DatabaseBackup(of: library.database, version: "1").write(to: descriptor)
        return path
    }

    func restore(_ path: String, into library: BookLibrary, replacing: Bool = false) async throws -> TransferSummary {
        let descriptor = Glibc.open(path, O_RDONLY)
        defer { close(descriptor) }
        return try await DatabaseRestore(into: library.database, migrations: [BookLibrary.schema])
            .read(from: descriptor, replacing: replacing)
    }

    @Test("what was backed up is restored, and ids go on where they were")
    func roundTrip() async throws {
        let library = try await BookLibrary.full()
        let path = try await archive(library)
        let restored = try await BookLibrary.empty()
        let summary = try await restore(path, into: restored)
        #expect(summary.tables == 4)
        #expect(summary.rows == 2 + 1199 + 1199 * 3 + 1200)
        try await restored.expectSame(as: library)
        #expect(try await restored.newID() == 1201)
        guard restored.database.dialect == .sqlite else { return }
        let found = try await restored.database.read {
            try $0.value("SELECT rowid FROM book_words WHERE book_words MATCH 'book77'", as: Int.self)
        }
        #expect(found == 77)
    }

    @Test("a backup shows one moment, whatever is written meanwhile")
    func oneMoment() async throws {
        let library = try await BookLibrary.full()
        let before = try await library.contents()
        let descriptor = Glibc.open(folder.path("archive"), O_CREAT | O_WRONLY, 0o600)
        defer { close(descriptor) }
        let writes = AsyncStream.makeStream(of: Void.self)
        async let writing: Void = {
            for await _ in writes.stream {
                try await library.database.write { connection in
                    try connection.execute("DELETE FROM books WHERE id = (SELECT MIN(id) FROM books)")
                }
            }
        }()
        _ = try await DatabaseBackup(of: library.database, version: "1").write(to: descriptor) { _ in
            writes.continuation.yield()
        }
        writes.continuation.finish()
        try await writing
        let restored = try await BookLibrary.empty()
        _ = try await restore(folder.path("archive"), into: restored)
        #expect(try await restored.contents() == before)
        #expect(try await library.contents() != before)
    }

    @Test("an archive that was cut off anywhere is refused, and nothing has changed")
    func cutOff() async throws {
        let path = try await archive(try await BookLibrary.full(books: 300))
        let whole = try Data(contentsOf: URL(filePath: path))
        let other = try await BookLibrary.full(books: 5)
        let before = try await other.contents()
        for share in [0, 1, 9, 18, 100, whole.count / 2, whole.count - 9, whole.count - 1] {
            try whole.prefix(share).write(to: URL(filePath: path))
            await #expect(throws: TransferFailure.self) { try await restore(path, into: other, replacing: true) }
            #expect(try await other.contents() == before)
        }
    }

    @Test("a changed byte is found wherever it is")
    func changed() async throws {
        let path = try await archive(try await BookLibrary.full(books: 300))
        let whole = try Data(contentsOf: URL(filePath: path))
        let other = try await BookLibrary.full(books: 5)
        let before = try await other.contents()
        var numbers = RandomNumbers(seed: 7)
        for _ in 0..<40 {
            var damaged = whole
            // The first ten bytes are gzip's head, which holds a time and a system that mean nothing.
            let place = Int.random(in: 10..<whole.count, using: &numbers)
            damaged[place] ^= UInt8.random(in: 1...255, using: &numbers)
            try damaged.write(to: URL(filePath: path))
            await #expect(throws: (any Error).self) { try await restore(path, into: other, replacing: true) }
        }
        #expect(try await other.contents() == before)
    }

    @Test("rows that are there are only replaced where that was asked for")
    func notEmpty() async throws {
        let library = try await BookLibrary.full()
        let path = try await archive(library)
        let other = try await BookLibrary.full(books: 5)
        await #expect(throws: TransferFailure.notEmpty(["book_tags", "book_words", "books", "shelves"])) {
            try await restore(path, into: other)
        }
        _ = try await restore(path, into: other, replacing: true)
        try await other.expectSame(as: library)
        #expect(try await other.newID() == 1201)
    }

    @Test("an older archive is brought up to date, a newer one refused")
    func schemas() async throws {
        let library = try await BookLibrary.full(books: 10)
        let path = try await archive(library)
        let later = Migration("0002_later") { _ in ["ALTER TABLE books ADD COLUMN lent_to TEXT"] }
        let newer = try await BookLibrary.empty()
        let descriptor = Glibc.open(path, O_RDONLY)
        defer { close(descriptor) }
        _ = try await DatabaseRestore(into: newer.database, migrations: [BookLibrary.schema, later])
            .read(from: descriptor)
        #expect(try await newer.database.migrate([BookLibrary.schema, later]).isEmpty)
        try await newer.expectSame(as: library)

        let newerArchive = try await archive(newer, "newer-archive")
        await #expect(throws: TransferFailure.newerSchema(["0002_later"])) {
            _ = try await restore(newerArchive, into: try await .empty())
        }
    }

    @Test("a column that other engines have no equal for is named")
    func unknownColumn() async throws {
        let odd = try await BookLibrary.empty()
        try await odd.database.migrate([
            Migration("0001_odd") { _ in ["CREATE TABLE odd (id BIGINT PRIMARY KEY, shape polygon)"] }
        ])
        await #expect(throws: TransferFailure.unknownColumn("odd.shape (polygon)")) { try await archive(odd) }
    }
}
