import Foundation
import Persistence

/// Keeps the catalogue: an entry's words, their statistics and its passages change in one transaction.
public struct SearchIndex: Sendable {
    private let analyzer = TextAnalyzer()

    public init() {}

    /// What content is made of. Takes a while for long texts, so it is done before the transaction.
    public func analyze(_ content: String) -> AnalyzedText { analyzer.analyze(content) }

    /// Puts an entry into the catalogue, or in the place of the one with the same space, kind and ref.
    ///
    /// - Parameters:
    ///   - content: the analysed content; nil keeps what is there.
    ///   - passages: the embedded content; nil leaves embedding to the backlog.
    public func put(
        _ entry: SearchEntry, content: AnalyzedText? = nil, passages: [EmbeddedPassage]? = nil,
        in connection: SQLConnection
    ) throws {
        let known = try IndexedEntry.find(entry.kind, entry.ref, in: entry.space, connection)
        let words = EntryWords(entry, content: content, known: known, analyzer: analyzer)
        // Passages carry the title: another title makes them stale.
        let isEmbedded = passages != nil || (content == nil && known.map { $0.isEmbedded && $0.title == entry.title } == true)
        let id = try store(entry, words, isEmbedded: isEmbedded, known: known, in: connection)
        try WordStatistics(space: entry.space).replace(known?.frequencies, by: words.frequencies, in: connection)
        try FullText(dialect: connection.dialect).put(words, as: id, in: entry.space, isNew: known == nil, in: connection)
        if let passages {
            if known != nil { try removePassages(of: id, in: entry.space, connection) }
            try insert(passages, of: id, in: entry.space, connection)
        }
    }

    /// Stores what the backlog embedded, unless the entry is gone or is called otherwise by now.
    func putPassages(
        _ passages: [EmbeddedPassage], of item: SearchItem.ID, titled title: String, in space: Space,
        _ connection: SQLConnection
    ) throws {
        let isCurrent =
            try connection.execute(
                "UPDATE search_items SET is_embedded = 1 WHERE id = \(item) AND title = \(title) AND is_embedded = 0") > 0
        guard isCurrent else { return }
        try removePassages(of: item, in: space, connection)
        try insert(passages, of: item, in: space, connection)
    }

    /// Takes an entry out of the catalogue; nothing where it is not there.
    public func remove(_ kind: SearchKind, _ ref: Int64, from space: Space, in connection: SQLConnection) throws {
        guard let known = try IndexedEntry.find(kind, ref, in: space, connection) else { return }
        try WordStatistics(space: space).replace(known.frequencies, by: nil, in: connection)
        try FullText(dialect: connection.dialect).remove(known.id, from: space, in: connection)
        try removePassages(of: known.id, in: space, connection)
        try connection.execute("DELETE FROM search_items WHERE id = \(known.id)")
    }

    private func store(
        _ entry: SearchEntry, _ words: EntryWords, isEmbedded: Bool, known: IndexedEntry?, in connection: SQLConnection
    ) throws -> SearchItem.ID {
        let id = try connection.value(
            """
            INSERT INTO search_items (space, kind, ref, title, address, dated, terms, is_embedded)
            VALUES (\(entry.space), \(entry.kind), \(entry.ref), \(entry.title), \(entry.address), \(entry.dated),
                \(words.frequencies.bytes), \(isEmbedded))
            ON CONFLICT (space, kind, ref) DO UPDATE SET title = excluded.title, address = excluded.address,
                dated = excluded.dated, terms = excluded.terms, is_embedded = excluded.is_embedded
            RETURNING id
            """, as: SearchItem.ID.self)
        guard let id else { throw DatabaseFailure.other("INSERT returned no row") }
        return id
    }

    private func insert(
        _ passages: [EmbeddedPassage], of item: SearchItem.ID, in space: Space, _ connection: SQLConnection
    ) throws {
        for passage in passages {
            let vector = passage.vector.withUnsafeBytes { [UInt8]($0) }
            try connection.execute(
                """
                INSERT INTO search_passages (space, item_id, starts_at, ends_at, vector)
                VALUES (\(space), \(item), \(passage.range.lowerBound), \(passage.range.upperBound), \(vector))
                """)
        }
    }

    /// Takes passages away and says so in a row each, for the processes that hold their vectors.
    private func removePassages(of item: SearchItem.ID, in space: Space, _ connection: SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO search_passages (space, removes) SELECT space, id FROM search_passages WHERE item_id = \(item)
            """)
        try connection.execute("DELETE FROM search_passages WHERE item_id = \(item)")
    }
}
