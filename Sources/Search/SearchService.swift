import Embeddings
import Foundation
import Persistence
import Vectors

/// By what things are found.
public enum SearchMode: String, Sendable, CaseIterable {
    /// By meaning and by words, which is better than either alone.
    case hybrid
    /// By meaning.
    case semantic
    /// By words.
    case text
}

/// Which things of a kind a search may find.
public struct SearchNarrowing: Sendable {
    let kind: SearchKind
    /// A `SELECT` of the refs.
    let refs: SQL

    public init(kind: SearchKind, refs: SQL) {
        self.kind = kind
        self.refs = refs
    }
}

/// What somebody searches for, and which part of the results they want.
public struct SearchRequest: Sendable {
    public var query: String
    public var mode: SearchMode
    public var offset: Int
    public var limit: Int
    public var narrowing: SearchNarrowing?

    public init(
        query: String, mode: SearchMode = .hybrid, offset: Int = 0, limit: Int = 10, narrowing: SearchNarrowing? = nil
    ) {
        self.query = query
        self.mode = mode
        self.offset = offset
        self.limit = limit
        self.narrowing = narrowing
    }
}

/// Something found.
public struct SearchResult: Sendable {
    public let kind: SearchKind
    public let ref: Int64
    public let title: String
    public let address: String
    public let dated: Date
    /// From 0 to 1, comparable within one search.
    public let score: Double
    /// The part of the query's words it covers, from 0 to 1; nil where it holds none of them.
    public let textScore: Double?
    /// The cosine of the best passage; nil where meaning was not asked for or is not known.
    public let semanticScore: Double?
    /// Safe HTML: escaped text with `<mark>` around the words found.
    public let snippet: String
}

/// A page of what was found.
public struct SearchResults: Sendable {
    public let results: [SearchResult]
    /// How many entries were candidates.
    public let total: Int
    /// The version of the space's content at that moment.
    let version: Int64
    /// False where meaning was asked for and the model was not there.
    let isComplete: Bool
}

/// Finds entries of one space by words and by meaning.
public struct SearchService: Sendable {
    private let database: Database
    private let embedder: SearchEmbedder
    private let vectors: any VectorStore
    private let sources: [SearchKind: SearchSource]
    private let analyzer = TextAnalyzer()

    /// - Parameter vectors: where meanings are searched, the same store that the index keeps in step.
    public init(
        database: Database, embedder: SearchEmbedder, sources: [SearchSource],
        vectors: any VectorStore = MemoryVectors(dimensions: SentenceEncoder.dimensions)
    ) {
        self.database = database
        self.embedder = embedder
        self.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.kind, $0) })
        self.vectors = vectors
    }

    /// Searches a space. Where the model or the store of vectors is not there, words alone find.
    public func search(_ request: SearchRequest, in space: Space) async throws -> SearchResults {
        let query = SearchQuery(request.query, analyzer: analyzer)
        let near = request.mode == .text ? nil : await near(query.plainText, for: request, in: space)
        let isComplete = near != nil || request.mode == .text || query.plainText.isEmpty
        return try await database.read(.space(space)) { connection in
            let run = try SearchRun(
                query, near: near, in: space, narrowing: request.narrowing, connection: connection)
            let ranked = try run.rank(request.mode, depth: request.offset + request.limit)
            let page = Array(ranked.dropFirst(request.offset).prefix(request.limit))
            return SearchResults(
                results: try describe(page, of: run), total: ranked.count,
                version: try connection.together(.contentVersion(of: space)), isComplete: isComplete)
        }
    }

    func version(of space: Space) async throws -> Int64? {
        try await database.contentVersion(of: space)
    }

    /// What is near the meaning of a query; nil where the model or the store cannot say, and words alone must do.
    private func near(_ text: String, for request: SearchRequest, in space: Space) async -> MeaningAnswer? {
        guard let meaning = await embedder.query(text) else { return nil }
        return await vectors.ask(
            MeaningQuestion(
                meaning: meaning, space: space, depth: SearchRun.depth(of: request.offset + request.limit),
                narrowing: request.narrowing))
    }

    /// What is shown of the entries found.
    private func describe(_ entries: [HybridRanking.Entry], of run: SearchRun) throws -> [SearchResult] {
        let found = try FoundItems(entries, in: run.connection)
        var texts: [SearchKind: [Int64: String]] = [:]
        for (kind, source) in sources {
            let refs = found.items.values.filter { $0.kind == kind }.map(\.ref)
            if !refs.isEmpty { texts[kind] = try source.texts(refs, run.space, run.connection) }
        }
        return entries.compactMap { entry in
            found.items[entry.id].map { item in
                let text = texts[item.kind]?[item.ref] ?? ""
                let passage = entry.passage.flatMap { found.passages[$0.id] }
                return SearchResult(
                    kind: item.kind, ref: item.ref, title: item.title, address: item.address, dated: item.dated,
                    score: entry.score, textScore: entry.coverage > 0 ? entry.coverage : nil,
                    semanticScore: entry.passage.map { Double($0.score) },
                    snippet: Snippet(of: text, for: run.query, in: run.statistics, passage: passage).html)
            }
        }
    }
}

/// The catalogue's rows of the entries found, and where their best passages are.
private struct FoundItems {
    struct Item {
        let kind: SearchKind
        let ref: Int64
        let title: String
        let address: String
        let dated: Date
    }

    private(set) var items: [Int64: Item] = [:]
    private(set) var passages: [Int64: Range<Int>] = [:]

    init(_ entries: [HybridRanking.Entry], in connection: SQLConnection) throws {
        try connection.forEach(
            "SELECT id, kind, ref, title, address, dated FROM search_items WHERE id IN \(list: entries.map(\.id))"
        ) { row in
            items[try row.next()] = Item(
                kind: try row.next(), ref: try row.next(), title: try row.next(), address: try row.next(),
                dated: try row.next())
        }
        try connection.forEach(
            """
            SELECT id, starts_at, ends_at FROM search_passages
            WHERE id IN \(list: entries.compactMap { $0.passage?.id }) AND vector IS NOT NULL
            """
        ) { row in
            let id = try row.next(Int64.self)
            let start = try row.next(Int.self)
            passages[id] = start..<max(start, try row.next(Int.self))
        }
    }
}
