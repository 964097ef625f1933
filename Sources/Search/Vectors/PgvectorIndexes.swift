import Persistence

/// From how many passages on a space has an index.
public struct PgvectorSizes: Sendable {
    /// Gets one: an exact scan begins to be felt.
    public var large: Int
    /// Loses it.
    public var small: Int

    public init(large: Int = 20_000, small: Int = 10_000) {
        self.large = large
        self.small = small
    }
}

/// The HNSW indexes of large spaces, each over its own space alone.
struct PgvectorIndexes: Sendable {
    private static let prefix = "search_vectors_space_"

    let database: Database
    let sizes: PgvectorSizes

    static func isIndexed(_ space: Space, in connection: SQLConnection) throws -> Bool {
        try connection.value(
            """
            SELECT COUNT(*) FROM pg_index WHERE indexrelid = to_regclass(\(prefix + String(space.rawValue))) AND indisvalid
            """, as: Int64.self) == 1
    }

    /// Builds what is missing, beside the writers, and drops what is broken or no longer needed.
    func adjust() async throws {
        let (counts, found) = try await database.read { connection in
            try connection.liftTimeLimits()
            let counts = try connection.all(
                """
                SELECT space, COUNT(*) FROM search_vectors GROUP BY space HAVING COUNT(*) >= \(sizes.small)
                """
            ) { row in (space: try row.next(Int64.self), passages: try row.next(Int.self)) }
            return (counts, try Self.indexes(connection))
        }
        let kept = Set(counts.map(\.space))
        for index in found where !index.isValid || !kept.contains(index.space) { try await drop(index.space) }
        let indexed = Set(found.filter(\.isValid).map(\.space))
        for space in counts where space.passages >= sizes.large && !indexed.contains(space.space) {
            try Task.checkCancellation()
            try await build(space.space)
        }
    }

    func dropAll() async throws {
        let found = try await database.read { try Self.indexes($0) }
        for index in found { try await drop(index.space) }
    }

    /// The indexes there are; one whose building was broken off is not valid.
    private static func indexes(_ connection: SQLConnection) throws -> [(space: Int64, isValid: Bool)] {
        try connection.all(
            """
            SELECT indexrelid::regclass::text, indisvalid::int FROM pg_index
            WHERE indrelid = 'search_vectors'::regclass
            """
        ) { row in (name: try row.next(String.self), isValid: try row.next(Bool.self)) }
        .compactMap { index in
            guard index.name.hasPrefix(prefix) else { return nil }
            return Int64(index.name.dropFirst(prefix.count)).map { ($0, index.isValid) }
        }
    }

    private func drop(_ space: Int64) async throws {
        try await database.runAlone(["DROP INDEX CONCURRENTLY IF EXISTS search_vectors_space_\(literal: space)"])
    }

    /// With 100,000 vectors of 384 values, 16 links and a beam of 200 while building found all of the ten nearest with
    /// a beam of 100 in searching; a beam of 64 (pgvector's own) while building needed 400 for 0.97 of them.
    private func build(_ space: Int64) async throws {
        try await database.runAlone([
            // An index that outgrows the memory for building is built many times slower.
            "SET maintenance_work_mem = '1GB'",
            // Workers would take that memory as shared memory, of which containers often have little.
            "SET max_parallel_maintenance_workers = 0",
            """
            CREATE INDEX CONCURRENTLY search_vectors_space_\(literal: space) ON search_vectors
            USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 200)
            WHERE space = \(literal: space)
            """,
        ])
    }
}
