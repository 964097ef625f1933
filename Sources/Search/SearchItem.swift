import Foundation
import Persistence

/// The catalogue's row of an entry.
enum SearchItem {
    typealias ID = Identifier<SearchItem>
}

/// What the index knows of an entry before a change.
struct IndexedEntry {
    let id: SearchItem.ID
    let title: String
    /// Counts the titles and contents it has had.
    let revision: Int64
    let embedding: EmbeddingState
    let frequencies: TermFrequencies
    /// The words of the content, separated by spaces.
    let body: String

    static func find(
        _ kind: SearchKind, _ ref: Int64, in space: Space, _ connection: SQLConnection
    ) throws -> IndexedEntry? {
        let found = try connection.first(
            """
            SELECT id, title, revision, embedding, terms FROM search_items
            WHERE space = \(space) AND kind = \(kind) AND ref = \(ref)
            """
        ) { row in
            (
                id: try row.next(SearchItem.ID.self), title: try row.next(String.self),
                revision: try row.next(Int64.self), embedding: try row.next(EmbeddingState.self),
                terms: try row.next([UInt8].self)
            )
        }
        guard let found else { return nil }
        return IndexedEntry(
            id: found.id, title: found.title, revision: found.revision, embedding: found.embedding,
            frequencies: TermFrequencies(bytes: found.terms),
            body: try FullText(dialect: connection.dialect).body(of: found.id, in: space, in: connection))
    }
}

/// The words of an entry, field by field.
struct EntryWords {
    let frequencies: TermFrequencies
    /// The distinct words of everything but the content, separated by spaces.
    let head: String
    /// The distinct words of the content.
    let body: String

    init(_ entry: SearchEntry, content: AnalyzedText?, known: IndexedEntry?, analyze: (String) -> AnalyzedText) {
        var fields: [SearchField: AnalyzedText] = [
            .title: analyze(entry.title),
            .tags: analyze(entry.tags.joined(separator: "\n")),
            .notes: analyze(entry.notes),
            .site: analyze(entry.site + " " + entry.address),
        ]
        head = Set(fields.values.flatMap(\.terms)).sorted().joined(separator: " ")
        if let content {
            fields[.content] = content
            frequencies = TermFrequencies(fields)
            body = content.terms.sorted().joined(separator: " ")
        } else {
            frequencies = TermFrequencies(fields, keeping: .content, of: known?.frequencies)
            body = known?.body ?? ""
        }
    }
}

/// The words of an entry's texts, found before the transaction that puts it into the catalogue.
public struct AnalyzedWords: Sendable {
    private let known: [(text: String, analyzed: AnalyzedText)]

    public init() { known = [] }

    init(_ texts: [String], _ analyzer: TextAnalyzer) {
        known = texts.map { ($0, analyzer.analyze($0)) }
    }

    /// The words of just this text; it may have become another meanwhile.
    subscript(text: String) -> AnalyzedText? { known.first { $0.text == text }?.analyzed }
}
