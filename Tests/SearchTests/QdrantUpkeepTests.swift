import Jobs
import Persistence
import TestSupport
import Testing
import Vectors

@testable import Search

@Suite("A Qdrant server that lost something, was exchanged or refuses")
struct QdrantUpkeepTests {
    private typealias Library = PassageLibrary

    private func collection(_ server: QdrantStandIn) -> QdrantCollection {
        QdrantCollection(OpenStore.configuration(server))
    }

    /// A library with five items on the server.
    private func library(
        _ server: QdrantStandIn, log: RecordedLog = RecordedLog()
    ) async throws -> PassageLibrary {
        let library = try await PassageLibrary { database in
            try OpenStore(qdrant: server, database: database, logger: log.logger, auditInterval: .zero)
        }
        for ref in Int64(1)...5 { try await library.put(ref, [Library.direction(Int(ref))]) }
        try await library.store.catchUp()
        return library
    }

    /// The same, as a process finds it that starts now with this server.
    private func restarted(_ library: PassageLibrary, on server: QdrantStandIn) async throws -> PassageLibrary {
        let database = library.catalogue.database
        return library.with(
            try await QdrantVectors.open(
                OpenStore.configuration(server), database: database, queue: JobQueue(database: database),
                logger: RecordedLog().logger))
    }

    @Test("one that lost its collection is filled again by a process that starts")
    func lost() async throws {
        let first = try QdrantStandIn()
        let before = try await library(first)
        first.stop()
        let second = try QdrantStandIn(port: first.port)
        let library = try await restarted(before, on: second)
        try await library.store.catchUp()
        #expect(try await collection(second).count() == 5)
        #expect(try await library.find(Library.direction(3), limit: 1) == [3])
    }

    @Test("another server gets everything, and so does the first when it is used again")
    func moved() async throws {
        let (first, second) = (try QdrantStandIn(), try QdrantStandIn())
        // Whether or not somebody has made the collection there.
        try await collection(second).prepare()
        let before = try await library(first)
        let moved = try await restarted(before, on: second)
        try await moved.store.catchUp()
        #expect(try await collection(second).count() == 5)
        #expect(try await moved.find(Library.direction(3), limit: 1) == [3])
        try await moved.remove(3)
        let back = try await restarted(moved, on: first)
        try await back.store.catchUp()
        #expect(try await collection(first).count() == 4)
    }

    @Test("one that lost a part, or has what is gone, is mended, and the log says so")
    func partlyLost() async throws {
        let log = RecordedLog()
        let server = try QdrantStandIn()
        let library = try await library(server, log: log)
        try await library.put(9, [Library.direction(9)], in: Library.grace)
        try await library.store.catchUp()
        let ids = try await collection(server).passages(of: Library.ada.rawValue, from: 0, limit: 10).ids
        try await collection(server).remove(Set(ids.prefix(3)))
        let stray = VectorRow(id: 100_000, group: 1, vector: Library.direction(7))
        try await collection(server).store([stray], in: Library.ada.rawValue)
        let before = try await version(of: library)

        try await library.store.catchUp()
        #expect(try await collection(server).passages(of: Library.ada.rawValue, from: 0, limit: 10).ids == ids)
        #expect(try await collection(server).count(of: Library.grace.rawValue) == 1)
        #expect(try await library.find(Library.direction(1), limit: 1) == [1])
        #expect(try await version(of: library) > before)
        let mended = log.lines.filter { $0.metadata["stored"] != nil }
        #expect(mended.map(\.metadata) == [["space": "\(Library.ada.rawValue)", "stored": "3", "removed": "1"]])
    }

    private func version(of library: PassageLibrary) async throws -> Int64 {
        try await library.catalogue.database.read { try $0.together(.contentVersion(of: Library.ada)) }
    }

    @Test("a passage that no server can hold is not taken for a lost one, time and again")
    func unstorable() async throws {
        let log = RecordedLog()
        let server = try QdrantStandIn()
        let library = try await library(server, log: log)
        var odd = Library.direction(0)
        odd[1] = .nan
        try await library.put(6, [odd])
        for _ in 0..<3 { try await library.store.catchUp() }
        #expect(try await collection(server).count() == 5)
        #expect(log.lines.isEmpty)
        try await library.remove(6)
        for _ in 0..<2 { try await library.store.catchUp() }
        #expect(log.lines.isEmpty)
    }

    @Test("one that had more than a page of ids is compared to its end")
    func manyPages() async throws {
        let server = try QdrantStandIn()
        let library = try await library(server)
        try await library.catalogue.putMany(1001...3200) { Library.direction(0, Float($0) / 4000, and: 1) }
        try await library.store.catchUp()
        let ids = try await collection(server).passages(of: Library.ada.rawValue, from: 0, limit: 5000).ids
        try await collection(server).remove(Set(ids.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)))
        try await library.store.catchUp()
        #expect(try await collection(server).passages(of: Library.ada.rawValue, from: 0, limit: 5000).ids == ids)
        try await collection(server).removeAll(of: Library.ada.rawValue)
        try await library.store.catchUp()
        #expect(try await collection(server).count() == ids.count)
    }

    @Test("two processes that follow the records at once leave the server with what the records have")
    func twoFollowers() async throws {
        let server = try QdrantStandIn()
        let library = try await library(server)
        let other = try OpenStore(
            qdrant: server, database: library.catalogue.database, auditInterval: .zero)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in [library.store, other.vectors] {
                group.addTask { for _ in 0..<15 { try await store.catchUp() } }
            }
            group.addTask {
                for ref in Int64(6)...30 {
                    try await library.put(ref, [Library.direction(Int(ref)), Library.direction(Int(ref) + 100)])
                    if ref.isMultiple(of: 3) { try await library.remove(ref - 2) }
                }
            }
            try await group.waitForAll()
        }
        try await other.vectors.catchUp()
        let ids = try await library.catalogue.database.read { connection in
            try PassageRows(space: Library.ada, connection: connection).ids(in: 0...Int64.max, limit: 1000)
        }
        #expect(try await collection(server).passages(of: Library.ada.rawValue, from: 0, limit: 1000).ids == ids)
    }

    @Test("changes that are refused hold up those of their own space alone, and the state says so")
    func refusedChanges() async throws {
        let log = RecordedLog()
        let server = try QdrantStandIn(largestRequest: 100_000)
        let library = try await PassageLibrary { database in
            try OpenStore(qdrant: server, database: database, logger: log.logger)
        }
        // Ada's passages come in one large request, and before Grace's.
        let dense = [Float](repeating: Float(384).squareRoot() / 384, count: 384)
        try await library.put(1, (0..<90).map { _ in dense })
        try await library.put(2, [Library.direction(0)], in: Library.grace)
        await #expect(throws: QdrantFailure.self) { try await library.store.catchUp() }
        #expect(try await library.find(Library.direction(0), in: Library.grace) == [2])
        #expect(library.store.state == .degraded("Search by meaning is behind: Qdrant refuses changes."))
        #expect(log.lines.contains { $0.metadata["reason"]?.contains("413") == true })
        try await library.remove(1)
        try await library.store.catchUp()
        #expect(library.store.state == .ok)
    }

    @Test("the log says once that a server is away and once that it is back, and never the key")
    func transitions() async throws {
        let log = RecordedLog()
        let first = try QdrantStandIn(apiKey: "open-sesame")
        var configuration = OpenStore.configuration(first)
        configuration.apiKey = "open-sesame"
        let patient = configuration
        let library = try await PassageLibrary { database in
            OpenStore(
                vectors: try await QdrantVectors.open(
                    patient, database: database, queue: JobQueue(database: database), logger: log.logger))
        }
        try await library.put(1, [Library.direction(0)])
        try await library.store.catchUp()
        #expect(log.lines.isEmpty)
        first.stop()
        for _ in 0..<5 { #expect(try await library.nearest(Library.direction(0)) == nil) }
        await #expect(throws: QdrantFailure.self) { try await library.store.catchUp() }
        await library.store.look()
        #expect(log.lines.map(\.message) == ["Search by words only: Qdrant does not answer."])
        #expect(log.lines.first?.metadata["reason"]?.isEmpty == false)

        let second = try QdrantStandIn(port: first.port, apiKey: "open-sesame")
        for _ in 0..<3 { try await library.store.catchUp() }
        #expect(log.lines.map(\.message).last == "Qdrant is well again.")
        #expect(log.lines.count == 2)
        second.stop()
        let third = try QdrantStandIn(port: first.port, apiKey: "another")
        await library.store.look()
        #expect(library.store.state == .degraded("Search by words only: Qdrant refuses the API key."))
        #expect(!log.lines.contains { "\($0)".contains("sesame") })
        withExtendedLifetime(third) {}
    }

    @Test("a search behind a wide filter finds all it lets through, also far from what is asked, in small requests")
    func wideFilter() async throws {
        let folder = TemporaryFolder()
        let storage = folder.path("qdrant.json")
        let server = try QdrantStandIn(storage: storage)
        let library = try await PassageLibrary { try OpenStore(qdrant: server, database: $0) }
        try await library.catalogue.putMany(1...2400) { Library.direction(0, Float($0) / 3000, and: 1) }
        try await library.store.catchUp()
        server.stop()
        // Of 1900 items named at once there would be more.
        let narrow = try QdrantStandIn(port: server.port, storage: storage, largestRequest: 8000)
        defer { narrow.stop() }
        for (filter, expected) in [
            ("ref % 2 = 0", [2400, 2398, 2396]), ("ref <= 1900", [1900, 1899, 1898]), ("ref > 0", [2400, 2399, 2398]),
        ] as [(SQL, [Int64])] {
            let found = try await library.find(
                Library.direction(0), limit: 3, among: "SELECT ref FROM notes WHERE \(filter)")
            #expect(found == expected)
        }
        #expect(library.store.state == .ok)
    }

    @Test(
        "so many are asked for that a filter leaves enough, unless those would be too many",
        arguments: [
            (1500, 1500, 200, 300), (50_000, 100_000, 200, 600), (10_000, 100_000, 100, 1500),
            (5000, 100_000, 200, nil), (1001, 1_000_000, 1, 1499), (1200, 0, 200, 300),
        ])
    func unfiltered(items: Int, there: Int, depth: Int, expected: Int?) {
        let search = QdrantFilteredSearch(items: (0..<items).map(Int64.init), there: there)
        #expect(search.unfiltered(for: depth) == expected)
    }
}
