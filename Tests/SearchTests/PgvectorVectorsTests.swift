import Persistence
import TestSupport
import Testing

@testable import Search

@Suite("Vectors in PostgreSQL", .enabled(if: TestDatabase.server != nil, "pgvector is PostgreSQL's"))
struct PgvectorVectorsTests {
    private typealias Library = PassageLibrary
    private static let sizes = PgvectorSizes(large: 60, small: 30)

    /// A library whose spaces are large from 60 passages on.
    private func library() async throws -> PassageLibrary {
        try await PassageLibrary { database in
            OpenStore(
                vectors: try #require(
                    try await PgvectorVectors.open(on: database, dimensions: 384, sizes: Self.sizes)))
        }
    }

    /// Whether a person's search uses an index of their space.
    private func usesIndex(_ space: Space, of library: PassageLibrary) async throws -> Bool {
        let question = MeaningQuestion(meaning: Library.direction(0), space: space, depth: 10)
        return try await library.catalogue.database.read(.space(space)) { connection in
            let passages = PgvectorPassages(question: question, connection: connection, isIndexed: true)
            let plan = try passages.preferringIndex(passages: 40) {
                try connection.values("EXPLAIN \(passages.nearest(passages: 40))", as: String.self)
            }
            return plan.contains { $0.contains("Index Scan using search_vectors_space_\(space.rawValue)") }
        }
    }

    @Test("a large space gets an index of its own, a space that shrinks loses it")
    func indexes() async throws {
        let library = try await library()
        for ref in Int64(1)...70 { try await library.put(ref, [Library.direction(0, Float(ref) / 80, and: 1)]) }
        try await library.put(1000, [Library.direction(0)], in: Library.grace)
        try await library.store.rebuild()
        #expect(try await usesIndex(Library.ada, of: library))
        #expect(try await !usesIndex(Library.grace, of: library))
        #expect(try await library.find(Library.direction(0), limit: 3) == [70, 69, 68])
        // New passages are in it at once.
        try await library.put(71, [Library.direction(0)])
        #expect(try await library.find(Library.direction(0), limit: 2) == [71, 70])

        for ref in Int64(1)...60 { try await library.remove(ref) }
        try await PgvectorIndexes(database: library.catalogue.database, sizes: Self.sizes).adjust()
        #expect(try await !usesIndex(Library.ada, of: library))
        #expect(try await library.find(Library.direction(0), limit: 2) == [71, 70])
    }

    @Test("items with very many passages do not crowd out others behind an index")
    func crowded() async throws {
        let library = try await library()
        try await library.put(1, (1...300).map { Library.direction(0, 0.9, and: $0) })
        for ref in Int64(2)...30 { try await library.put(ref, [Library.direction(0, 0.5, and: Int(ref))]) }
        try await library.store.rebuild()
        #expect(try await library.find(Library.direction(0), limit: 30).count == 30)
    }

    @Test("a narrow filter over a large space finds all it lets through")
    func narrowed() async throws {
        let library = try await library()
        try await library.catalogue.putMany(1...400) { Library.direction(0, Float($0) / 500, and: 1) }
        try await library.store.rebuild()
        let found = try await library.find(
            Library.direction(0), limit: 10, among: "SELECT ref FROM notes WHERE ref <= 3")
        #expect(found == [3, 2, 1])
    }

    @Test("items of several passages behind an index are as many as were asked for")
    func severalPassages() async throws {
        let library = try await library()
        for ref in Int64(1)...250 {
            let share = Float(ref) / 300
            try await library.put(ref, [0, 0.0002, 0.0004].map { Library.direction(0, share + $0, and: 1) })
        }
        try await library.store.rebuild()
        let found = try await library.find(Library.direction(0), limit: 200)
        #expect(found.count == 200)
        #expect(Set(found.prefix(10)) == Set(241...250))
    }

    @Test("behind an index a filter leaves as many as were asked for, where there are as many")
    func filtered() async throws {
        let library = try await library()
        try await library.catalogue.putMany(1...900) { Library.direction(0, Float($0) / 1000, and: 1) }
        try await library.store.rebuild()
        let third = try await library.find(
            Library.direction(0), limit: 150, among: "SELECT ref FROM notes WHERE ref % 3 = 0")
        #expect(third.count == 150)
        #expect(third.allSatisfy { $0 % 3 == 0 })
        #expect(third.first == 900)
        let few = try await library.find(
            Library.direction(0), limit: 150, among: "SELECT ref FROM notes WHERE ref <= 120")
        #expect(few.count == 120)
    }

    @Test(
        "an index is searched further while that may help",
        arguments: [
            (200, 1.0, [400, 800, 1000]), (10, 1.0, [200, 400, 800, 1000]), (1000, 1.0, [1000]),
            (200, 0.3, [800, 1000]), (200, 0.1, []), (0, 0.0, [200, 400, 800, 1000]),
        ])
    func beams(items: Int, share: Double, widths: [Int]) {
        #expect(PgvectorBeams.widths(for: items, share: share) == widths)
    }

    @Test("a passage that goes while its space is taken over does not stay behind")
    func removedMeanwhile() async throws {
        let library = try await PassageLibrary(.memory)
        for ref in Int64(1)...20 { try await library.put(ref, [Library.direction(0, Float(ref) / 30, and: 1)]) }
        let database = library.catalogue.database
        let store = try #require(try await PgvectorVectors.open(on: database, dimensions: 384))
        let removed = AsyncStream.makeStream(of: Void.self)
        let index = library.catalogue.index
        async let removal: Void = database.write { connection in
            for ref in Int64(11)...20 { try index.remove(Catalogue.note, ref, from: Library.ada, in: connection) }
            removed.continuation.finish()
            // Long enough for a copy that does not wait.
            _ = try connection.first("SELECT pg_sleep(1)") { _ in }
        }
        for await _ in removed.stream {}
        try await store.catchUp()
        try await removal
        try await store.catchUp()
        let later = library.with(store)
        #expect(try await later.held == 10)
        #expect(try await later.find(Library.direction(0), limit: 20) == (1...10).reversed())
    }

    @Test("who saves while a space is taken over waits for a page of it at most, and never in a circle")
    func savedMeanwhile() async throws {
        let library = try await PassageLibrary(.memory)
        for ref in Int64(1)...200 { try await library.put(ref, [Library.direction(Int(ref))]) }
        let (database, index) = (library.catalogue.database, library.catalogue.index)
        let store = try #require(try await PgvectorVectors.open(on: database, dimensions: 384))
        async let copying: Void = {
            for _ in 0..<40 {
                try await database.write { try PgvectorTable.progress.doubt(fromBeginning: true, in: $0) }
                try await store.catchUp()
            }
        }()
        for ref in Int64(1)...200 {
            let passage = EmbeddedPassage(range: 0..<1, vector: Library.direction(Int(ref) + 100))
            try await database.write(.space(Library.ada)) { connection in
                try index.put(
                    Catalogue.entry(ref, "Other \(ref)"), meaning: .embedded([passage]), in: connection)
            }
        }
        try await copying
        // The server counts with a delay of up to a second.
        try await Task.sleep(for: .seconds(2))
        let deadlocks = try await database.read { connection in
            try connection.value(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", as: Int.self)
        }
        #expect(deadlocks == 0)
    }

    @Test("passages from before are searched in memory until they are taken over")
    func takenOver() async throws {
        let library = try await PassageLibrary(.memory)
        for ref in Int64(1)...20 { try await library.put(ref, [Library.direction(0, Float(ref) / 30, and: 1)]) }
        let database = library.catalogue.database
        let store = try #require(try await PgvectorVectors.open(on: database, dimensions: 384))
        let later = library.with(store)
        let before = try await later.nearest(Library.direction(0), limit: 5)
        #expect(before?.map(\.ref) == [20, 19, 18, 17, 16])
        #expect(try await later.held == 0)
        try await store.catchUp()
        #expect(try await later.held == 20)
        #expect(try await later.find(Library.direction(0), limit: 5) == before?.map(\.ref))
    }

    @Test("one person's transaction sees no other's vectors, whatever it asks")
    func rowSecurity() async throws {
        let library = try await library()
        try await library.put(1, [Library.direction(0)], in: Library.ada)
        try await library.put(2, [Library.direction(0)], in: Library.grace)
        let seen = try await library.catalogue.database.read(.space(Library.ada)) { connection in
            try connection.values("SELECT space FROM search_vectors", as: Space.self)
        }
        #expect(seen == [Library.ada])
    }

    @Test("where the passages are emptied, the vectors are")
    func emptied() async throws {
        let library = try await library()
        try await library.put(1, [Library.direction(0)])
        try await library.catalogue.database.write { try $0.execute("TRUNCATE search_passages") }
        #expect(try await library.held == 0)
        try await library.put(2, [Library.direction(0)])
        #expect(try await library.find(Library.direction(0)) == [2])
    }

    @Test("a table for vectors of another length is made anew")
    func otherLength() async throws {
        let library = try await library()
        try await library.put(1, [Library.direction(0)])
        let database = library.catalogue.database
        _ = try #require(try await PgvectorVectors.open(on: database, dimensions: 3))
        let store = try #require(try await PgvectorVectors.open(on: database, dimensions: 384))
        #expect(try await library.held == 0)
        try await store.catchUp()
        #expect(try await library.held == 1)
    }

    @Test("without the extension, and without the right to create it, there is no such store")
    func withoutExtension() async throws {
        let database = try await TestDatabase.withoutExtensions(SearchSchema.migrations)
        #expect(try await PgvectorVectors.open(on: try database.open(), dimensions: 384) == nil)
    }
}

extension PassageLibrary {
    /// How many vectors are in the extension's table.
    fileprivate var held: Int {
        get async throws {
            try await catalogue.database.read { try $0.value("SELECT COUNT(*) FROM search_vectors") ?? 0 }
        }
    }
}
