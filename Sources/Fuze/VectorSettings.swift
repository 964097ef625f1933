import Embeddings
import Foundation
import Jobs
import Logging
import Persistence
import Search
import Vectors

/// Where the vectors of the search are kept.
struct VectorSettings: Sendable {
    enum Store: String, Sendable {
        case memory, pgvector, qdrant
    }

    /// Nil leaves the choice to what is there.
    var store: Store?
    var qdrantURL: String?
    var qdrantCollection = "fuze"
    var qdrantVectorSize = SentenceEncoder.dimensions
    var qdrantAPIKey: String?

    /// An address of a server, with or without a path, without a name or a password in it.
    static func serverAddress(_ text: String) -> String? {
        guard let parts = URLComponents(string: text), parts.host?.isEmpty == false, parts.user == nil,
            parts.password == nil, parts.query == nil, parts.fragment == nil, ["http", "https"].contains(parts.scheme)
        else { return nil }
        return text
    }

    /// What the settings come to.
    enum Choice {
        case memory, pgvector
        case qdrant(QdrantConfiguration)
    }

    func choice(on dialect: SQLDialect) -> Choice {
        if let qdrantURL, store ?? .qdrant == .qdrant {
            return .qdrant(
                QdrantConfiguration(
                    url: qdrantURL, collection: qdrantCollection, vectorSize: qdrantVectorSize, apiKey: qdrantAPIKey))
        }
        return store != .memory && dialect == .postgresql ? .pgvector : .memory
    }

    func open(on database: Database, queue: JobQueue, logger: Logger) async throws -> any VectorStore {
        let dimensions = SentenceEncoder.dimensions
        switch choice(on: database.dialect) {
        case .qdrant(let configuration):
            do {
                return try await QdrantVectors.open(
                    configuration, database: database, queue: queue, logger: logger)
            } catch let failure as QdrantFailure {
                throw CommandFailure("\(failure)")
            }
        case .memory:
            try await QdrantVectors.retire(on: database)
            return MemoryVectors(dimensions: dimensions)
        case .pgvector:
            try await QdrantVectors.retire(on: database)
            return try await PgvectorVectors.open(on: database, dimensions: dimensions)
                ?? MemoryVectors(
                    dimensions: dimensions,
                    state: .fallback("Vectors are searched in memory: this PostgreSQL has no extension \"vector\"."))
        }
    }
}
