import Persistence

/// The database's own word index, which finds candidates: FTS5 in SQLite, GIN in PostgreSQL.
///
/// A row's id holds the space in its upper bits. Each word's list is in the order of ids, so that a search reads
/// only its own space's stretch of it, however much others have.
struct FullText {
    /// Bits of a row id that are the entry's own.
    static let itemBits = 40

    let dialect: SQLDialect

    private func row(_ item: SearchItem.ID, in space: Space) -> Int64 {
        space.rawValue << Self.itemBits | item.rawValue
    }

    func put(
        _ words: EntryWords, as item: SearchItem.ID, in space: Space, isNew: Bool, in connection: SQLConnection
    ) throws {
        let row = row(item, in: space)
        if !isNew { try connection.execute("DELETE FROM search_words WHERE rowid = \(row)") }
        try connection.execute(
            "INSERT INTO search_words (rowid, head, body) VALUES (\(row), \(words.head), \(words.body))")
    }

    func remove(_ item: SearchItem.ID, from space: Space, in connection: SQLConnection) throws {
        try connection.execute("DELETE FROM search_words WHERE rowid = \(row(item, in: space))")
    }

    func body(of item: SearchItem.ID, in space: Space, in connection: SQLConnection) throws -> String {
        try connection.value("SELECT body FROM search_words WHERE rowid = \(row(item, in: space))") ?? ""
    }

    /// The newest entries of a space that hold one of the words, with their frequencies.
    ///
    /// - Parameters:
    ///   - terms: analysed words; they are quoted, so nothing in them is a query language.
    ///   - limit: how many at the most, the newest first.
    func forEachCandidate(
        of terms: [String], in space: Space, narrowing: SearchNarrowing?, limit: Int, in connection: SQLConnection,
        _ body: (SearchItem.ID, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let first = space.rawValue << Self.itemBits
        let last = first | (1 << Self.itemBits - 1)
        let narrowed: SQL = narrowing.map { "AND rowid - \(first) IN (\($0.items(in: space)))" } ?? ""
        // A scan of the whole table for a common word unpacks everybody's words; the index has the space's own apart.
        if dialect == .postgresql {
            _ = try connection.value("SELECT set_config('enable_seqscan', 'off', true)", as: String.self)
        }
        // Each entry is looked up by its id: as a join, a planner may read all entries beside it.
        try connection.forEach(
            """
            SELECT found.rowid - \(first),
                (SELECT terms FROM search_items WHERE id = found.rowid - \(first) AND space = \(space))
            FROM (SELECT rowid FROM \(rows(with: terms, in: space)) AND rowid BETWEEN \(first) AND \(last) \(narrowed)
                ORDER BY rowid DESC LIMIT \(limit)) AS found
            """
        ) { row in
            let id = try row.next(SearchItem.ID.self)
            try row.nextBytes { if !$0.isEmpty { try body(id, $0) } }
        }
    }

    /// The rows that hold one of the words, as a table and a condition.
    private func rows(with terms: [String], in space: Space) -> SQL {
        switch dialect {
        case .sqlite:
            let quoted = terms.map { "\"\($0.replacing("\"", with: "\"\""))\"" }
            return "search_words WHERE search_words MATCH \(quoted.joined(separator: " OR "))"
        case .postgresql:
            let lexemes = terms.map { "search_lexeme(\(space), \($0))" as SQL }
            // Fenced, so that the order wanted outside does not lead the planner away from the index of words.
            return """
                (SELECT rowid FROM search_lexemes
                    WHERE lexemes && ARRAY[\(SQL.joined(lexemes, by: ", "))] OFFSET 0) AS matching
                WHERE TRUE
                """
        }
    }
}
