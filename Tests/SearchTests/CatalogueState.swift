import Persistence

@testable import Search

/// All that the catalogue holds, with the ids it hands out replaced by what they stand for.
struct CatalogueState: Equatable {
    struct Item: Equatable {
        let place: String
        let title: String
        let address: String
        let terms: [UInt8]
        let embedding: EmbeddingState
        let head: String
        let body: String
    }

    struct Passage: Equatable {
        let place: String
        let range: Range<Int>
        let vector: [UInt8]
    }

    let items: [Item]
    let passages: [Passage]
    /// Documents and field lengths of each space that has any.
    let totals: [[Int64]]
    /// Space, term, documents.
    let terms: [[Int64]]

    init(_ connection: SQLConnection) throws {
        items = try connection.all(
            """
            SELECT space || ' ' || kind || ' ' || ref, title, address, terms, embedding, head, body
            FROM search_items items JOIN search_words words ON words.rowid = (items.space << 40 | items.id)
            ORDER BY space, kind, ref
            """
        ) { row in
            Item(
                place: try row.next(), title: try row.next(), address: try row.next(), terms: try row.next(),
                embedding: try row.next(), head: try row.next(), body: try row.next())
        }
        passages = try connection.all(
            """
            SELECT items.space || ' ' || kind || ' ' || ref, starts_at, ends_at, vector
            FROM search_passages passages JOIN search_items items ON items.id = item_id AND items.space = passages.space
            WHERE vector IS NOT NULL ORDER BY items.space, kind, ref, starts_at
            """
        ) { row in
            let place = try row.next(String.self)
            let start = try row.next(Int.self)
            return Passage(place: place, range: start..<(try row.next(Int.self)), vector: try row.next())
        }
        totals = try connection.all(
            """
            SELECT space, documents, title_length, tags_length, notes_length, site_length, content_length
            FROM search_statistics WHERE documents <> 0 ORDER BY space
            """
        ) { row in try (0..<7).map { _ in try row.next() } }
        terms = try connection.all("SELECT space, term, documents FROM search_terms ORDER BY space, term") { row in
            [try row.next(), try row.next(), try row.next()]
        }
    }

    /// Rows that stand for nothing: each count is zero while all is well.
    static func leftovers(_ connection: SQLConnection) throws -> [Int] {
        let counts: [SQL] = [
            "SELECT (SELECT COUNT(*) FROM search_words) - (SELECT COUNT(*) FROM search_items)",
            "SELECT COUNT(*) FROM search_passages WHERE vector IS NOT NULL AND item_id NOT IN (SELECT id FROM search_items)",
            "SELECT COUNT(*) FROM search_terms WHERE documents <= 0",
            "SELECT COUNT(*) FROM search_statistics WHERE documents = 0 AND title_length + tags_length + notes_length + site_length + content_length <> 0",
        ]
        return try counts.map { try connection.value($0) ?? -1 }
    }
}
