import Foundation
import NIOPosix
import Persistence

/// What is known of an entry's meaning when it is put into the catalogue.
public enum EntryMeaning: Sendable {
    case embedded([EmbeddedPassage])
    /// The backlog embeds it soon.
    case due
    /// Its content is still to come; embedding it before would be done in vain.
    case awaited
    /// As it was, unless the title has changed, which every passage carries; a new entry is due.
    case kept
}

/// How an entry's row stands with the model.
enum EmbeddingState: String, SQLConvertible {
    case done, due, awaited

    init(_ meaning: EntryMeaning, titled title: String, known: IndexedEntry?) {
        switch meaning {
        case .embedded: self = .done
        case .due: self = .due
        case .awaited: self = .awaited
        case .kept:
            guard let known else {
                self = .due
                return
            }
            self = known.embedding == .done && known.title != title ? .due : known.embedding
        }
    }
}

/// Keeps the catalogue: an entry's words, their statistics and its passages change in one transaction.
public struct SearchIndex: Sendable {
    /// A title and a few lines of notes are analysed in less than the way to another thread takes.
    private static let shortText = 4096

    private let analyzer = TextAnalyzer()
    private let threads: NIOThreadPool
    private let vectors: (any VectorStore)?

    /// - Parameters:
    ///   - threads: where long texts are analysed, so that they do not hold up requests.
    ///   - vectors: what is kept in step with the passages; nil where it follows the rows by itself.
    public init(threads: NIOThreadPool = .singleton, vectors: (any VectorStore)? = nil) {
        self.threads = threads
        self.vectors = vectors
    }

    /// What content is made of. Takes a while for long texts, so it is done before the transaction.
    public func analyze(_ content: String) -> AnalyzedText { analyzer.analyze(content) }

    /// What the title and the notes of an entry are made of, before the transaction as well: people paste books.
    public func analyze(title: String?, notes: String?) async throws -> AnalyzedWords {
        let texts = [title, notes].compactMap { $0 }
        guard texts.contains(where: { $0.utf8.count > Self.shortText }) else {
            return AnalyzedWords(texts, analyzer)
        }
        return try await threads.runIfActive { [analyzer] in AnalyzedWords(texts, analyzer) }
    }

    /// Puts an entry into the catalogue, or in the place of the one with the same space, kind and ref.
    ///
    /// - Parameters:
    ///   - words: its title and notes analysed; what is not among them is analysed now.
    ///   - content: the analysed content; nil keeps what is there.
    ///   - meaning: what is known of its meaning now.
    public func put(
        _ entry: SearchEntry, words analyzed: AnalyzedWords = AnalyzedWords(), content: AnalyzedText? = nil,
        meaning: EntryMeaning = .kept, in connection: SQLConnection
    ) throws {
        let known = try IndexedEntry.find(entry.kind, entry.ref, in: entry.space, connection)
        let words = EntryWords(entry, content: content, known: known) { analyzed[$0] ?? analyzer.analyze($0) }
        let embedding = EmbeddingState(meaning, titled: entry.title, known: known)
        let saysSomethingElse = content != nil || known?.title != entry.title
        let id = try store(
            entry, words, embedding, revision: (known?.revision ?? 0) + (saysSomethingElse ? 1 : 0), in: connection)
        try WordStatistics(space: entry.space).replace(known?.frequencies, by: words.frequencies, in: connection)
        try FullText(dialect: connection.dialect).put(
            words, as: id, in: entry.space, isNew: known == nil, in: connection)
        if case .embedded(let passages) = meaning {
            try replacePassages(of: id, isNew: known == nil, by: passages, in: entry.space, connection)
        }
    }

    /// The content of an entry will not come: the backlog embeds what there is of it.
    public func expectNoContent(
        of kind: SearchKind, _ ref: Int64, in space: Space, _ connection: SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE search_items SET embedding = \(EmbeddingState.due)
            WHERE space = \(space) AND kind = \(kind) AND ref = \(ref) AND embedding = \(EmbeddingState.awaited)
            """)
    }

    /// Stores what the backlog embedded, unless the entry is gone or says something else by now.
    ///
    /// - Parameter revision: of the title and content that were embedded.
    func putPassages(
        _ passages: [EmbeddedPassage], of item: SearchItem.ID, revision: Int64, in space: Space,
        _ connection: SQLConnection
    ) throws {
        let isCurrent =
            try connection.execute(
                """
                UPDATE search_items SET embedding = \(EmbeddingState.done)
                WHERE id = \(item) AND revision = \(revision) AND embedding = \(EmbeddingState.due)
                """) > 0
        guard isCurrent else { return }
        try replacePassages(of: item, by: passages, in: space, connection)
    }

    /// Takes an entry out of the catalogue; nothing where it is not there.
    public func remove(_ kind: SearchKind, _ ref: Int64, from space: Space, in connection: SQLConnection) throws {
        guard let known = try IndexedEntry.find(kind, ref, in: space, connection) else { return }
        try WordStatistics(space: space).replace(known.frequencies, by: nil, in: connection)
        try FullText(dialect: connection.dialect).remove(known.id, from: space, in: connection)
        try replacePassages(of: known.id, by: [], in: space, connection)
        try connection.execute("DELETE FROM search_items WHERE id = \(known.id)")
    }

    private func store(
        _ entry: SearchEntry, _ words: EntryWords, _ embedding: EmbeddingState, revision: Int64,
        in connection: SQLConnection
    ) throws -> SearchItem.ID {
        let id = try connection.value(
            """
            INSERT INTO search_items (space, kind, ref, title, address, dated, terms, embedding, revision)
            VALUES (\(entry.space), \(entry.kind), \(entry.ref), \(entry.title), \(entry.address), \(entry.dated),
                \(words.frequencies.bytes), \(embedding), \(revision))
            ON CONFLICT (space, kind, ref) DO UPDATE SET title = excluded.title, address = excluded.address,
                dated = excluded.dated, terms = excluded.terms, embedding = excluded.embedding,
                revision = excluded.revision
            RETURNING id
            """, as: SearchItem.ID.self)
        guard let id else { throw DatabaseFailure.other("INSERT returned no row") }
        return id
    }

    /// Changes of one space's passages take turns, so that their ids become visible in ascending order: processes
    /// and stores follow the space by the last id they have seen.
    private func replacePassages(
        of item: SearchItem.ID, isNew: Bool = false, by passages: [EmbeddedPassage], in space: Space,
        _ connection: SQLConnection
    ) throws {
        try PassageRows(space: space, connection: connection).takeTurn()
        try vectors?.willChange(space, in: connection)
        if !isNew { try RemovedPassages.remove(of: item, in: connection) }
        try insert(passages, of: item, in: space, connection)
        if !passages.isEmpty { try vectors?.didStore(item.rawValue, in: space, connection) }
    }

    private func insert(
        _ passages: [EmbeddedPassage], of item: SearchItem.ID, in space: Space, _ connection: SQLConnection
    ) throws {
        try connection.execute(
            all: passages.map { passage in
                let vector = passage.vector.withUnsafeBytes { [UInt8]($0) }
                return """
                    INSERT INTO search_passages (space, item_id, starts_at, ends_at, vector)
                    VALUES (\(space), \(item), \(passage.range.lowerBound), \(passage.range.upperBound), \(vector))
                    """
            })
    }
}
