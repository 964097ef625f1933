import Jobs
import Logging
import Persistence
import TestSupport
import Testing
import Vectors

@testable import Search

/// The stores that a catalogue's vectors can be in.
enum Store: CaseIterable, Sendable {
    case memory, qdrant, pgvector

    /// Those that there can be on the database of this run.
    static var allCases: [Store] { TestDatabase.server == nil ? [.memory, .qdrant] : [.memory, .qdrant, .pgvector] }

    func open(on database: Database) async throws -> OpenStore {
        switch self {
        case .pgvector:
            return OpenStore(vectors: try #require(try await PgvectorVectors.open(on: database, dimensions: 384)))
        case .memory: return OpenStore(vectors: MemoryVectors(dimensions: 384))
        case .qdrant: return try OpenStore(qdrant: try QdrantStandIn(), database: database)
        }
    }
}

/// A store with the server it may need.
struct OpenStore: Sendable {
    let vectors: any VectorStore
    let server: QdrantStandIn?

    init(vectors: any VectorStore, server: QdrantStandIn? = nil) {
        self.vectors = vectors
        self.server = server
    }

    /// - Parameters:
    ///   - logger: silent where none is given
    ///   - auditInterval: how often what it holds is compared with the records
    init(
        qdrant server: QdrantStandIn, database: Database, logger: Logger? = nil,
        auditInterval: Duration = .seconds(3600)
    ) throws {
        self.init(
            vectors: QdrantVectors(
                Self.configuration(server), database: database, queue: JobQueue(database: database),
                logger: logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                auditInterval: auditInterval),
            server: server)
    }

    static func configuration(_ server: QdrantStandIn) -> QdrantConfiguration {
        var configuration = QdrantConfiguration(url: server.url, collection: "test", vectorSize: 384)
        configuration.searchTimeout = .seconds(1)
        configuration.updateTimeout = .seconds(5)
        configuration.retryDelays = [.milliseconds(10)]
        configuration.rest = .milliseconds(100)
        return configuration
    }
}

/// Items with passages of given meanings, without words or a model.
struct PassageLibrary {
    static let ada = Space.personal(ofUser: 1)
    static let grace = Space.personal(ofUser: 2)

    let catalogue: Catalogue
    let store: any VectorStore

    init(_ store: Store) async throws { self.init(try await Catalogue(store: store)) }

    init(opening open: @Sendable (Database) async throws -> OpenStore) async throws {
        self.init(try await Catalogue(opening: open))
    }

    private init(_ catalogue: Catalogue, store: (any VectorStore)? = nil) {
        self.catalogue = catalogue
        self.store = store ?? catalogue.store.vectors
    }

    /// The same, searched by another store.
    func with(_ store: any VectorStore) -> PassageLibrary { PassageLibrary(catalogue, store: store) }

    /// A meaning in a direction of its own, or between two.
    static func direction(_ one: Int, _ share: Float = 1, and other: Int = 0) -> [Float] {
        var vector = [Float](repeating: 0, count: 384)
        vector[one] = share
        if share < 1 { vector[other] = (1 - share * share).squareRoot() }
        return vector
    }

    func put(_ ref: Int64, _ meanings: [[Float]], in space: Space = ada) async throws {
        let passages = meanings.enumerated().map { number, meaning in
            EmbeddedPassage(range: number..<(number + 1), vector: meaning)
        }
        try await catalogue.put(
            Catalogue.entry(ref, "Item \(ref)", in: space), content: "x", meaning: .embedded(passages))
    }

    func remove(_ ref: Int64, from space: Space = ada) async throws { try await catalogue.remove(ref, from: space) }

    /// What is found, best first; nil where the store cannot answer.
    func nearest(
        _ meaning: [Float], in space: Space = ada, limit: Int = 10, among refs: SQL? = nil
    ) async throws -> [Found]? {
        let narrowing = refs.map { SearchNarrowing(kind: Catalogue.note, refs: $0) }
        let question = MeaningQuestion(meaning: meaning, space: space, depth: limit, narrowing: narrowing)
        guard let answer = await store.ask(question) else { return nil }
        return try await catalogue.database.read { connection in
            let allowed = try narrowing.map { Set(try connection.values($0.items(in: space), as: Int64.self)) }
            let near = try answer(allowed, connection)
            let hits = try near.nearestExactly(limit)
            let groups = try near.best(of: Set(hits.map(\.group)))
            return try hits.map { hit in
                let ref = try connection.value("SELECT ref FROM search_items WHERE id = \(hit.group)", as: Int64.self)
                let start = try connection.value(
                    "SELECT starts_at FROM search_passages WHERE id = \(hit.id)", as: Int.self)
                return Found(
                    ref: ref ?? 0, passage: start ?? -1, score: hit.score, bestIsSame: groups[hit.group]?.id == hit.id)
            }
        }
    }

    func find(
        _ meaning: [Float], in space: Space = ada, limit: Int = 10, among refs: SQL? = nil
    ) async throws -> [Int64] {
        try await nearest(meaning, in: space, limit: limit, among: refs)?.map(\.ref) ?? []
    }

    struct Found: Equatable {
        let ref: Int64
        /// Which of the item's passages.
        let passage: Int
        let score: Float
        /// Whether it is the best passage when the item is asked for by itself.
        let bestIsSame: Bool
    }
}
