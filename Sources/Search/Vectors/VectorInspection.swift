import Persistence
import Vectors

/// How many passages there are, and how many of them a store outside their rows holds. Looking changes nothing.
public struct VectorInspection: Sendable {
    public let passages: Int
    /// Nil where the store has not been made yet.
    public let held: Int?

    /// The store in PostgreSQL; nil where its extension is not installed on the server.
    public init?(pgvectorIn database: Database) async throws {
        let found = try await database.read { connection -> (passages: Int, held: Int?)? in
            let extensions = try connection.value(
                "SELECT COUNT(*) FROM pg_available_extensions WHERE name = 'vector'", as: Int.self)
            guard extensions == 1 else { return nil }
            let isThere = try connection.value(
                "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('search_vectors')", as: Int.self)
            try connection.liftTimeLimits()
            let held: Int? =
                isThere == 1 ? try connection.value("SELECT COUNT(*) FROM search_vectors") : nil
            return (try Self.passages(connection), held)
        }
        guard let found else { return nil }
        (passages, held) = found
    }

    /// - Throws: `QdrantFailure` where the server cannot be asked.
    public init(_ configuration: QdrantConfiguration, database: Database) async throws {
        do {
            held = try await QdrantCollection(configuration).count()
        } catch QdrantFailure.noCollection {
            held = nil
        }
        passages = try await database.read { try Self.passages($0) }
    }

    private static func passages(_ connection: SQLConnection) throws -> Int {
        try connection.liftTimeLimits()
        return try connection.value("SELECT COUNT(*) FROM search_passages WHERE vector IS NOT NULL") ?? 0
    }
}
