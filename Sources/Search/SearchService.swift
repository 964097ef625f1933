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
    /// BM25F; nil where none of the words occur.
    public let textScore: Double?
    /// The cosine of the best passage; nil where meaning was not asked for or is not known.
    public let semanticScore: Double?
    /// Safe HTML: escaped text with `<mark>` around the words found.
    public let snippet: String
}

public struct SearchResults: Sendable {
    public let results: [SearchResult]
    /// How many entries were candidates.
    public let total: Int
}

/// Finds entries of one space by words and by meaning.
public struct SearchService: Sendable {
    /// int8 codes of 400 bytes a passage: room for about 650,000 passages.
    private static let vectorBudget = 256 * 1024 * 1024

    private let database: Database
    private let embedder: SearchEmbedder
    private let vectors: SpaceVectors
    private let sources: [SearchKind: SearchSource]
    private let analyzer = TextAnalyzer()

    public init(database: Database, embedder: SearchEmbedder, sources: [SearchSource]) {
        self.database = database
        self.embedder = embedder
        self.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.kind, $0) })
        vectors = SpaceVectors(
            cache: VectorCache(dimensions: SentenceEncoder.dimensions, budget: Self.vectorBudget))
    }

    public func search(_ request: SearchRequest, in space: Space) async throws -> SearchResults {
        let query = SearchQuery(request.query, analyzer: analyzer)
        let meaning = request.mode == .text ? nil : await embedder.query(request.query)
        return try await database.read { connection in
            let legs = SearchLegs(
                space: space, query: query, meaning: meaning, vectors: vectors,
                allowed: try request.narrowing?.items(in: space, connection), connection: connection)
            let ranked = try legs.rank(request)
            let page = ranked.dropFirst(request.offset).prefix(request.limit)
            return SearchResults(results: try results(Array(page), query, connection), total: ranked.count)
        }
    }
}
