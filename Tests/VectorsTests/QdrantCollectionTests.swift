import TestSupport
import Testing

@testable import Vectors

@Suite("Vectors in Qdrant, by its REST interface")
struct QdrantCollectionTests {
    private static let ada: Int64 = 2
    private static let grace: Int64 = 4

    private func configuration(_ server: QdrantStandIn, size: Int = 3, apiKey: String? = nil) -> QdrantConfiguration {
        var configuration = QdrantConfiguration(url: server.url, collection: "test", vectorSize: size, apiKey: apiKey)
        configuration.searchTimeout = .milliseconds(500)
        configuration.updateTimeout = .seconds(5)
        configuration.retryDelays = [.milliseconds(10)]
        configuration.rest = .milliseconds(200)
        return configuration
    }

    private func withCollection(
        _ server: QdrantStandIn, size: Int = 3, apiKey: String? = nil, _ body: (QdrantCollection) async throws -> Void
    ) async throws {
        try await body(QdrantCollection(configuration(server, size: size, apiKey: apiKey)))
    }

    private let rows = [
        VectorRow(id: 1, group: 10, vector: [1, 0, 0]), VectorRow(id: 2, group: 10, vector: [0.8, 0.6, 0]),
        VectorRow(id: 3, group: 11, vector: [0.6, 0.8, 0]), VectorRow(id: 4, group: 12, vector: [0, 0, 1]),
    ]

    @Test("the collection is made once, for vectors of the right size, with indexes on space and item")
    func made() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            #expect(try await collection.prepare())
            #expect(try await !collection.prepare())
            let info = try #require(try await collection.find())
            guard case .unnamed(size: 3, distance: "Cosine") = info.config.params.vectors else {
                Issue.record("\(info)")
                return
            }
            #expect(info.payloadSchema.mapValues(\.dataType) == ["space": "keyword", "item": "integer"])
        }
    }

    @Test("two who start at once make one collection")
    func madeAtOnce() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 { group.addTask { try await collection.prepare() } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(made >= 1)
            #expect(try await collection.count() == 0)
        }
    }

    @Test("a collection for other vectors is a clear error, and stays as it is")
    func otherVectors() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server, size: 4) { try await $0.prepare() }
        try await withCollection(server) { collection in
            await #expect(
                throws: QdrantFailure.otherVectors(
                    collection: "test", found: "vectors of 4 values by Cosine",
                    needed: "unnamed vectors of 3 values by Cosine")
            ) { try await collection.prepare() }
        }
    }

    @Test("of each item the best passage is found, best first")
    func nearest() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            try await collection.prepare()
            try await collection.store(rows, in: Self.ada)
            let found = try await collection.nearestGroups([0.8, 0.6, 0], in: Self.ada, limit: 10)
            #expect(found.map(\.group) == [10, 11, 12])
            #expect(found.map(\.id) == [2, 3, 4])
            #expect(abs((found.first?.score ?? 0) - 1) < 1e-5)
            #expect(
                try await collection.nearestGroups([0.8, 0.6, 0], in: Self.ada, limit: 2).map(\.group) == [10, 11])
        }
    }

    @Test("another space's vectors are never found, nor removed")
    func spaces() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            try await collection.prepare()
            try await collection.store(rows, in: Self.ada)
            try await collection.store([VectorRow(id: 9, group: 90, vector: [0.8, 0.6, 0])], in: Self.grace)
            #expect(try await collection.nearestGroups([1, 0, 0], in: Self.grace, limit: 10).map(\.id) == [9])
            #expect(try await collection.nearestGroups([1, 0, 0], in: 6, limit: 10).isEmpty)
            try await collection.removeAll(of: Self.ada)
            #expect(try await collection.count() == 1)
            #expect(try await collection.count(of: Self.grace) == 1)
        }
    }

    @Test("only the items asked for are found")
    func narrowed() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            try await collection.prepare()
            try await collection.store(rows, in: Self.ada)
            let found = try await collection.nearestGroups([1, 0, 0], in: Self.ada, among: [11, 12, 99], limit: 10)
            #expect(found.map(\.group) == [11, 12])
        }
    }

    @Test("storing again replaces, removing twice is no error")
    func idempotent() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            try await collection.prepare()
            for _ in 0..<2 { try await collection.store(rows, in: Self.ada) }
            #expect(try await collection.count(of: Self.ada) == 4)
            for _ in 0..<2 { try await collection.remove([1, 2]) }
            #expect(try await collection.nearestGroups([1, 0, 0], in: Self.ada, limit: 10).map(\.id) == [3, 4])
        }
    }

    @Test("more passages than one request takes arrive, with the values they had")
    func batches() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server, size: 16) { collection in
            try await collection.prepare()
            var dice = Dice(seed: 5)
            let rows = (1...250).map { VectorRow(id: $0, group: $0, vector: dice.unitVector(16)) }
            try await collection.store(rows, in: Self.ada)
            #expect(try await collection.count(of: Self.ada) == 250)
            let query = dice.unitVector(16)
            let found = try await collection.nearestGroups(query, in: Self.ada, limit: 20)
            let expected = exactHits(rows, for: query).prefix(20)
            #expect(found.map(\.id) == expected.map(\.id))
            for (hit, exact) in zip(found, expected) { #expect(abs(hit.score - exact.score) < 1e-4) }
        }
    }

    @Test("vectors of another length are refused here, and by the server")
    func wrongDimensions() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            try await collection.prepare()
            await #expect(throws: VectorError.wrongDimensions(expected: 3, found: 2)) {
                try await collection.store([VectorRow(id: 1, group: 1, vector: [1, 0])], in: Self.ada)
            }
            await #expect(
                throws: QdrantFailure.refused(
                    status: 400, message: "Wrong input: Vector dimension error: expected dim: 3, got 2")
            ) { try await collection.nearestGroups([1, 0], in: Self.ada, limit: 1) }
        }
    }

    @Test("a vector without direction breaks nothing: zero scores zero, NaN is left out")
    func withoutDirection() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            try await collection.prepare()
            let odd = [
                VectorRow(id: 5, group: 50, vector: [0, 0, 0]), VectorRow(id: 6, group: 60, vector: [.nan, 0, 1]),
                VectorRow(id: 7, group: 70, vector: [.infinity, 0, 1]),
            ]
            try await collection.store(rows + odd, in: Self.ada)
            #expect(try await collection.count(of: Self.ada) == 5)
            let found = try await collection.nearestGroups([1, 0, 0], in: Self.ada, limit: 10)
            #expect(found.first { $0.group == 50 }?.score == 0)
            #expect(
                try await collection.nearestGroups([0, 0, 0], in: Self.ada, limit: 10).allSatisfy { $0.score == 0 })
        }
    }

    @Test("the API key opens the server, a wrong one or none is said clearly")
    func apiKey() async throws {
        let server = try QdrantStandIn(apiKey: "open sesame")
        try await withCollection(server, apiKey: "open sesame") { collection in
            let isNew = try await collection.prepare()
            #expect(isNew)
        }
        for key in [nil, "guess"] {
            try await withCollection(server, apiKey: key) { collection in
                await #expect(throws: QdrantFailure.unauthorized) { try await collection.prepare() }
                #expect(collection.failure == .unauthorized)
            }
        }
    }

    @Test("a server that hangs costs one search its time, and the next ones nothing")
    func hanging() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            try await collection.prepare()
            try await collection.store(rows, in: Self.ada)
            server.pause()
            let start = ContinuousClock.now
            for _ in 0..<20 {
                await #expect(throws: QdrantFailure.self) {
                    try await collection.nearestGroups([1, 0, 0], in: Self.ada, limit: 1)
                }
            }
            #expect(ContinuousClock.now - start < .seconds(3))
            #expect(collection.failure != nil)
            server.resume()
            try await eventually {
                (try? await collection.nearestGroups([1, 0, 0], in: Self.ada, limit: 1).map(\.id)) == [1]
            }
            #expect(collection.failure == nil)
        }
    }

    @Test("a server that comes back with its data is used again; one that lost it says so")
    func restarted() async throws {
        let folder = TemporaryFolder()
        let first = try QdrantStandIn(storage: folder.path("qdrant.json"))
        try await withCollection(first) { collection in
            try await collection.prepare()
            try await collection.store(rows, in: Self.ada)
            first.stop()
            await #expect(throws: QdrantFailure.self) { try await collection.count() }
            let second = try QdrantStandIn(port: first.port, storage: folder.path("qdrant.json"))
            #expect(try await collection.count() == 4)
            second.stop()
            let empty = try QdrantStandIn(port: first.port)
            await #expect(throws: QdrantFailure.noCollection("test")) {
                try await collection.store(rows, in: Self.ada)
            }
            withExtendedLifetime(empty) {}
        }
    }

    @Test("an answer that has begun and drips is given up, by searches and by changes")
    func dripping() async throws {
        let folder = TemporaryFolder()
        let storage = folder.path("qdrant.json")
        let first = try QdrantStandIn(storage: storage)
        try await withCollection(first) { collection in
            try await collection.prepare()
            try await collection.store(rows, in: Self.ada)
        }
        first.stop()
        let second = try QdrantStandIn(port: first.port, storage: storage, stallBody: 0.1)
        var hasty = configuration(second)
        hasty.updateTimeout = .seconds(1)
        let collection = QdrantCollection(hasty)
        let start = ContinuousClock.now
        await #expect(throws: QdrantFailure.self) {
            try await collection.nearestGroups([1, 0, 0], in: Self.ada, limit: 1)
        }
        #expect(ContinuousClock.now - start < .seconds(2))
        await #expect(throws: QdrantFailure.self) { try await collection.remove([1]) }
        #expect(ContinuousClock.now - start < .seconds(6))
        guard case .unavailable = collection.failure else {
            Issue.record("\(collection.failure.debugDescription)")
            return
        }
    }

    @Test("a change may take longer than a search")
    func slowChange() async throws {
        let folder = TemporaryFolder()
        let storage = folder.path("qdrant.json")
        let first = try QdrantStandIn(storage: storage)
        try await withCollection(first) { try await $0.prepare() }
        first.stop()
        let second = try QdrantStandIn(port: first.port, storage: storage, slow: 2.5)
        try await withCollection(second) { try await $0.store(rows, in: Self.ada) }
        second.stop()
        let third = try QdrantStandIn(port: first.port, storage: storage)
        #expect(try await QdrantCollection(configuration(third)).count() == 4)
    }

    @Test("a request that is refused is that one's failure, and the next ones are asked as ever")
    func refused() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            try await collection.prepare()
            try await collection.store(rows, in: Self.ada)
            await #expect(throws: QdrantFailure.self) {
                try await collection.nearestGroups([1, 0], in: Self.ada, limit: 1)
            }
            #expect(collection.failure == nil)
            #expect(try await collection.nearestGroups([1, 0, 0], in: Self.ada, limit: 1).map(\.id) == [1])
        }
    }

    @Test("however many items may be found or passages go, no request grows with them")
    func boundedRequests() async throws {
        let server = try QdrantStandIn(largestRequest: 10_000)
        var patient = configuration(server)
        patient.searchTimeout = .seconds(5)
        let collection = QdrantCollection(patient)
        try await collection.prepare()
        let many = (1...3000).map { VectorRow(id: $0, group: 100_000 + $0, vector: [1, Float($0) / 3000, 0]) }
        try await collection.store(many, in: Self.ada)
        let even = many.map(\.group).filter { $0.isMultiple(of: 2) }
        let found = try await collection.nearestGroups([1, 0, 0], in: Self.ada, among: even, limit: 3)
        #expect(found.map(\.id) == [2, 4, 6])
        try await collection.remove(Set(many.map(\.id).dropFirst()))
        #expect(try await collection.count() == 1)
    }

    @Test("the ids of a space come page by page")
    func pages() async throws {
        let server = try QdrantStandIn()
        try await withCollection(server) { collection in
            try await collection.prepare()
            try await collection.store(rows, in: Self.ada)
            try await collection.store([VectorRow(id: 9, group: 90, vector: [0, 1, 0])], in: Self.grace)
            let first = try await collection.passages(of: Self.ada, from: 0, limit: 3)
            #expect(first.ids == [1, 2, 3])
            let second = try await collection.passages(of: Self.ada, from: try #require(first.next), limit: 3)
            #expect(second.ids == [4])
            #expect(second.next == nil)
        }
    }

    @Test("the step before a collection is made is not left out, and one that fails leaves none behind")
    func beforeMaking() async throws {
        struct Stopped: Error {}
        let server = try QdrantStandIn()
        let collection = QdrantCollection(configuration(server))
        await #expect(throws: Stopped.self) { try await collection.prepare { throw Stopped() } }
        #expect(try await collection.find() == nil)
        #expect(try await collection.prepare())
        #expect(try await !collection.prepare { throw Stopped() })
    }

    @Test("names of collections need no escapes")
    func names() {
        #expect(QdrantConfiguration.isCollectionName("fuze-2_A"))
        for name in ["", "a/b", "a b", "ä", String(repeating: "a", count: 256)] {
            #expect(!QdrantConfiguration.isCollectionName(name))
        }
    }
}
