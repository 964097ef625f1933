import Foundation
import Persistence
import TestSupport
import Testing

@Suite("Copies")
struct CopyTests {
    let folder = TemporaryFolder()

    func copy(
        _ source: BookLibrary, to target: BookLibrary,
        progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws {
        _ = try await DatabaseCopy(from: source.database, to: target.database, migrations: [BookLibrary.schema])
            .run(progress: progress)
    }

    @Test("a copy has every row, and ids go on where they were")
    func copy() async throws {
        let library = try await BookLibrary.full()
        let target = try await BookLibrary.copyTarget()
        try await copy(library, to: target)
        try await target.expectSame(as: library)
        #expect(try await target.newID() == 1201)
        #expect(try await target.database.migrate([BookLibrary.schema]).isEmpty)
    }

    @Test("a copy may go to the other engine and back")
    func otherEngine() async throws {
        let library = try await BookLibrary.full()
        let file = folder.path("there.sqlite")
        let there = BookLibrary(
            records: library.records, database: Database(engine: try SQLiteEngine(path: file, checksReferences: false)))
        try await copy(library, to: there)
        try await there.expectSame(as: library)
        let back = try await BookLibrary.copyTarget()
        try await copy(there, to: back)
        try await back.expectSame(as: library)
        #expect(try await back.newID() == 1201)
        await #expect(throws: DatabaseFailure.self) {
            try await back.records.open().write {
                try $0.execute("INSERT INTO books (shelf_id, title) VALUES (77, 'Nowhere')")
            }
        }
    }

    /// A copy that stops after some pieces, as a killed one does.
    func stoppedCopy(of source: BookLibrary, to target: BookLibrary) async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelling is seen at the next transaction.
                try? await copy(source, to: target) { progress in
                    if progress.rows > 500 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
        }
    }

    @Test("a copy that was stopped goes on where it was, and cannot be used before")
    func resumed() async throws {
        let library = try await BookLibrary.full()
        let target = try await BookLibrary.copyTarget()
        try await stoppedCopy(of: library, to: target)
        let database = target.database
        await #expect(throws: DatabaseFailure.unfinishedCopy) { try await database.migrate([BookLibrary.schema]) }
        let arrived = try await database.read { try $0.value("SELECT COUNT(*) FROM book_words", as: Int.self) ?? 0 }
        #expect(arrived > 0)
        #expect(arrived < 1200)
        try await copy(library, to: target)
        try await target.expectSame(as: library)
    }

    @Test("a copy whose source has changed since begins anew")
    func changedSource() async throws {
        let library = try await BookLibrary.full()
        let target = try await BookLibrary.copyTarget()
        try await stoppedCopy(of: library, to: target)
        try await library.database.write { try $0.execute("UPDATE book_words SET words = 'other' WHERE rowid = 1") }
        try await copy(library, to: target)
        try await target.expectSame(as: library)
    }

    @Test("a target with data of its own, or with another's copy, is refused")
    func otherData() async throws {
        let library = try await BookLibrary.full()
        let other = try await BookLibrary.full(books: 3)
        await #expect(throws: TransferFailure.notEmpty(["book_tags", "book_words", "books", "shelves"])) {
            try await copy(library, to: other)
        }
        let target = try await BookLibrary.copyTarget()
        try await stoppedCopy(of: library, to: target)
        await #expect(throws: TransferFailure.otherCopy) {
            try await copy(other, to: target)
        }
    }
}
