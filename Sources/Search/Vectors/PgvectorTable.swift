import Persistence
import Vectors

/// The table of vectors. It is made where the extension is, not by a migration, for not every PostgreSQL has it.
struct PgvectorTable {
    /// Which spaces are taken over. Beside the vectors, so that copies and backups leave out both.
    static let progress = VectorProgress(store: "pgvector", table: "search_vectors_progress")

    let dimensions: Int

    /// Makes the table where it is missing, or is for vectors of another length.
    ///
    /// - Returns: false where the extension cannot be had.
    func prepare(in connection: SQLConnection) throws -> Bool {
        try connection.liftTimeLimits()
        try connection.takeTurns(on: "search.vectors")
        guard try hasExtension(connection) else { return false }
        // pgvector keeps the length of a column's vectors as the modifier of its type.
        let length = try connection.value(
            """
            SELECT atttypmod FROM pg_attribute
            WHERE attrelid = to_regclass('search_vectors') AND attname = 'embedding'
            """, as: Int64.self)
        guard length != Int64(dimensions) else {
            try renewRowSecurity(in: connection)
            return true
        }
        try connection.execute("DROP TABLE IF EXISTS search_vectors, search_vectors_progress")
        try connection.execute("DROP FUNCTION IF EXISTS search_vectors_progress_version()")
        try make(in: connection)
        try Self.progress.adopt(in: connection)
        return true
    }

    private func hasExtension(_ connection: SQLConnection) throws -> Bool {
        let found: SQL = "SELECT COUNT(*) FROM pg_extension WHERE extname = 'vector'"
        if try connection.value(found, as: Int.self) == 1 { return true }
        do {
            try connection.attempt { try connection.execute("CREATE EXTENSION IF NOT EXISTS vector") }
            return true
        } catch DatabaseFailure.other {
            // Not installed, or only a superuser may.
            return false
        }
    }

    /// What migrations do for other tables.
    private func renewRowSecurity(in connection: SQLConnection) throws {
        let tables = try connection.values(
            """
            SELECT tablename FROM pg_policies WHERE tablename IN ('search_vectors', 'search_vectors_progress')
                AND schemaname = current_schema() AND qual LIKE '%ARRAY%'
            """, as: String.self)
        for table in tables {
            for statement in connection.dialect.renewedRowSecurity(of: table, owner: .id(SearchSchema.personOfSpace)) {
                try connection.execute(SQL(stringLiteral: statement))
            }
        }
    }

    private func make(in connection: SQLConnection) throws {
        let dimensions = Int64(dimensions)
        try connection.execute(
            """
            CREATE TABLE search_vectors (id BIGINT PRIMARY KEY, space BIGINT NOT NULL, item_id BIGINT NOT NULL,
                embedding vector(\(literal: dimensions)) NOT NULL)
            """)
        try connection.execute("CREATE INDEX search_vectors_item ON search_vectors (space, item_id)")
        let dialect = connection.dialect
        let further =
            dialect.rowSecurity(of: "search_vectors", owner: .id(SearchSchema.personOfSpace))
            + SearchSchema.vectorProgress("search_vectors_progress", dialect)
            // A space that is taken over later than its passages came is found from then on.
            + ContentVersions.follow("search_vectors_progress", space: .space("space"), dialect)
            + ["search_vectors", "search_vectors_progress"].map { "COMMENT ON TABLE \($0) IS 'derived'" }
        for statement in further { try connection.execute(SQL(stringLiteral: statement)) }
        try followRemovals(in: connection)
    }

    /// Whoever removes passages, also by emptying the table, removes their vectors.
    private func followRemovals(in connection: SQLConnection) throws {
        try connection.execute(
            """
            CREATE OR REPLACE FUNCTION search_passages_gone() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'TRUNCATE' THEN
                    TRUNCATE search_vectors, search_vectors_progress;
                ELSE
                    DELETE FROM search_vectors WHERE id = OLD.id;
                END IF;
                RETURN NULL;
            END $$
            """)
        try connection.execute(
            """
            CREATE OR REPLACE TRIGGER search_passages_row AFTER DELETE ON search_passages
            FOR EACH ROW WHEN (OLD.vector IS NOT NULL) EXECUTE FUNCTION search_passages_gone()
            """)
        try connection.execute(
            """
            CREATE OR REPLACE TRIGGER search_passages_all AFTER TRUNCATE ON search_passages
            FOR EACH STATEMENT EXECUTE FUNCTION search_passages_gone()
            """)
    }

    /// Stores vectors; those that are there stay. What is no direction, or another model's, is left out.
    func store(_ rows: [VectorRow], in space: Space, _ connection: SQLConnection) throws {
        try connection.execute(
            all: rows.filter { $0.hasDirection && $0.vector.count == dimensions }.map { row in
                """
                INSERT INTO search_vectors (id, space, item_id, embedding)
                VALUES (\(row.id), \(space), \(row.group), CAST(\(Self.text(row.vector)) AS vector))
                ON CONFLICT (id) DO NOTHING
                """
            })
    }

    /// Removes vectors; those that are not there do not matter.
    func remove(_ passages: Set<Int64>, from space: Space, _ connection: SQLConnection) throws {
        guard !passages.isEmpty else { return }
        try connection.execute(
            "DELETE FROM search_vectors WHERE id IN \(list: passages.sorted()) AND space = \(space)")
    }

    func clear(in connection: SQLConnection) throws { try connection.execute("TRUNCATE search_vectors") }

    /// A vector as the extension reads it.
    static func text(_ vector: [Float]) -> String {
        "[" + vector.map { $0.isFinite ? $0.description : "0" }.joined(separator: ",") + "]"
    }
}
