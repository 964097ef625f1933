import Jobs
import Logging
import Persistence
import TestSupport
import Testing
import Vectors

@testable import Search

@Suite("Vectors in Qdrant follow the rows")
struct QdrantVectorsTests {
    private typealias Library = PassageLibrary

    /// A library whose vectors are in this server.
    private func library(_ server: QdrantStandIn) async throws -> PassageLibrary {
        try await PassageLibrary { database in try OpenStore(qdrant: server, database: database) }
    }

    private func collection(_ server: QdrantStandIn) -> QdrantCollection {
        QdrantCollection(QdrantConfiguration(url: server.url, collection: "test", vectorSize: 384))
    }

    @Test("what the server still has and the rows do not is never shown")
    func lagging() async throws {
        let library = try await library(QdrantStandIn())
        try await library.put(1, [Library.direction(0)])
        try await library.put(2, [Library.direction(0, 0.9, and: 1)])
        try await library.store.catchUp()
        try await library.remove(1)
        #expect(try await library.find(Library.direction(0)) == [2])
    }

    @Test("an item whose passage was replaced is found by what it is now")
    func replacedMeanwhile() async throws {
        let library = try await library(QdrantStandIn())
        try await library.put(1, [Library.direction(0)])
        try await library.put(2, [Library.direction(0, 0.7, and: 1)])
        try await library.store.catchUp()
        try await library.put(1, [Library.direction(0, 0.3, and: 2)])
        let found = try #require(try await library.nearest(Library.direction(0)))
        #expect(found.map(\.ref) == [2, 1])
        #expect(abs((found.last?.score ?? 0) - 0.3) < 1e-5)
    }

    @Test("a passage that the server has in a wrong space is another's, and not shown")
    func wrongSpace() async throws {
        let server = try QdrantStandIn()
        let library = try await library(server)
        try await library.put(1, [Library.direction(0)], in: Library.grace)
        try await library.put(2, [Library.direction(1)], in: Library.ada)
        try await library.store.catchUp()
        let row = try await library.catalogue.database.read { connection in
            try #require(
                try connection.first("SELECT id, item_id FROM search_passages WHERE space = \(Library.grace)") { row in
                    VectorRow(id: try row.next(), group: try row.next(), vector: Library.direction(0))
                })
        }
        try await collection(server).store([row], in: Library.ada.rawValue)
        #expect(try await library.find(Library.direction(0), in: Library.ada) == [2])
    }

    @Test("a change while the server is away arrives when it is back, removals too")
    func away() async throws {
        let folder = TemporaryFolder()
        let storage = folder.path("qdrant.json")
        let first = try QdrantStandIn(storage: storage)
        let library = try await library(first)
        try await library.put(1, [Library.direction(0)])
        try await library.put(2, [Library.direction(1)])
        try await library.store.catchUp()
        first.stop()

        try await library.put(3, [Library.direction(2)])
        try await library.remove(2)
        #expect(try await library.nearest(Library.direction(0)) == nil)
        #expect(library.store.state == .degraded("Search by words only: Qdrant does not answer."))
        await #expect(throws: QdrantFailure.self) { try await library.store.catchUp() }

        let second = try QdrantStandIn(port: first.port, storage: storage)
        try await library.store.catchUp()
        #expect(library.store.state == .ok)
        #expect(try await library.find(Library.direction(2), limit: 1) == [3])
        #expect(try await collection(second).count(of: Library.ada.rawValue) == 2)
    }

    @Test("a server that lost everything is filled again")
    func lost() async throws {
        let first = try QdrantStandIn()
        let library = try await library(first)
        for ref in Int64(1)...5 { try await library.put(ref, [Library.direction(Int(ref))]) }
        try await library.store.catchUp()
        first.stop()
        let second = try QdrantStandIn(port: first.port)
        try await library.store.catchUp()
        #expect(try await collection(second).count() == 5)
        #expect(try await library.find(Library.direction(3), limit: 1) == [3])
    }

    @Test("what was there before the server is taken over, in more than one round")
    func takenOver() async throws {
        let server = try QdrantStandIn()
        let library = try await library(server)
        let before = SearchIndex()
        try await library.catalogue.database.write { connection in
            for ref in Int64(1)...1201 {
                let passage = EmbeddedPassage(range: 0..<1, vector: Library.direction(0, Float(ref) / 1300, and: 1))
                try before.put(Catalogue.entry(ref, "Item"), meaning: .embedded([passage]), in: connection)
            }
        }
        try await library.store.catchUp()
        #expect(try await collection(server).count(of: Library.ada.rawValue) == 1201)
        #expect(try await library.find(Library.direction(0), limit: 2) == [1201, 1200])
    }

    @Test("the first change of a space in step brings the job that sends it, further ones do not")
    func wakeUp() async throws {
        let server = try QdrantStandIn()
        let library = try await library(server)
        let jobs: @Sendable () async throws -> Int = {
            try await library.catalogue.database.read {
                try $0.value("SELECT COUNT(*) FROM jobs WHERE kind = 'search.vectors'", as: Int.self) ?? 0
            }
        }
        try await library.put(1, [Library.direction(0)])
        #expect(try await jobs() == 1)
        try await library.put(2, [Library.direction(0)])
        #expect(try await jobs() == 1)

        let database = library.catalogue.database
        var handlers = JobHandlers()
        VectorUpkeep(library.store).register(in: &handlers)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let worker = Worker(JobQueue(database: database), handlers: handlers, logger: logger)
        let work = Task { try await worker.run() }
        try await eventually { try await library.find(Library.direction(0)).count == 2 }
        try await eventually {
            try await database.read { connection in
                try VectorProgress(of: OpenStore.configuration(server)).isInStep(Library.ada, in: connection)
            }
        }
        work.cancel()
        try await work.value
        try await library.put(3, [Library.direction(0)])
        #expect(try await jobs() == 2)
    }

    @Test("a change that comes while another is sent is not forgotten")
    func changeWhileSending() async throws {
        let server = try QdrantStandIn()
        let library = try await library(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for ref in Int64(1)...60 { try await library.put(ref, [Library.direction(Int(ref))]) }
            }
            group.addTask { for _ in 0..<20 { try await library.store.catchUp() } }
            try await group.waitForAll()
        }
        try await library.store.catchUp()
        #expect(try await collection(server).count(of: Library.ada.rawValue) == 60)
    }

    @Test("while the server is away, words find in every mode", arguments: SearchMode.allCases)
    func wordsOnly(mode: SearchMode) async throws {
        let server = try QdrantStandIn()
        let catalogue = try await Catalogue(.real) { try OpenStore(qdrant: server, database: $0) }
        try await catalogue.putEmbedded(Catalogue.entry(1, "Kittens"), content: "They purr when they are content.")
        try await catalogue.store.vectors.catchUp()
        server.stop()
        #expect(try await catalogue.find("kittens", mode) == [1])
    }
}
