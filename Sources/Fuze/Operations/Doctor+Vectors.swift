import Jobs
import Persistence
import Search
import Vectors

extension Doctor {
    /// The store of the vectors, to be changed.
    func vectorStore(on database: Database) async throws -> any VectorStore {
        try await configuration.vectors.open(on: database, queue: JobQueue(database: database), logger: Self.quiet)
    }

    /// Compares the vectors outside the catalogue's own rows with those, and makes them anew where that is wanted.
    func vectors(in database: Database) async -> [Finding] {
        do {
            let found: VectorInspection
            switch configuration.vectors.choice(on: database.dialect) {
            case .memory: return [.ok("vectors", "They are searched in memory.")]
            case .pgvector:
                guard let inPostgreSQL = try await VectorInspection(pgvectorIn: database) else {
                    return [.ok("vectors", "They are searched in memory: this PostgreSQL has no pgvector.")]
                }
                found = inPostgreSQL
            case .qdrant(let server): found = try await VectorInspection(server, database: database)
            }
            let words = "\(found.held ?? 0) of \(found.passages) passages are in the store."
            if found.held == found.passages { return [.ok("vectors", words)] }
            guard repairs else {
                return [
                    .warning(
                        "vectors", words,
                        "A running server or worker brings them in step; `fuze doctor --repair` makes them anew.")
                ]
            }
            try await vectorStore(on: database).rebuild()
            return [.ok("vectors", "Made anew from \(found.passages) passages.")]
        } catch let failure as QdrantFailure {
            return [.warning("vectors", failure.description, "Until then search goes by words only.")]
        } catch {
            return [.failure("vectors", FuzeCommand.words(for: error) ?? "They cannot be read.", Advice.reach)]
        }
    }
}
