import Embeddings
import Foundation
import Jobs
import Logging
import NIOPosix
import Persistence
import TestSupport
import Testing

@testable import Search

/// A catalogue on a fresh database, and a feature that owns its entries: notes, with their texts in a table.
struct Catalogue {
    static let note = SearchKind(rawValue: "note")
    static let ada = Space.personal(ofUser: 1)
    static let grace = Space.personal(ofUser: 2)
    static let day = Date(timeIntervalSince1970: 1_750_000_000)

    let records: TestDatabase
    let database: Database
    let store: OpenStore
    let index: SearchIndex
    let embedder: SearchEmbedder
    let service: SearchService

    private static let source = SearchSource(kind: note) { refs, _, connection in
        var texts: [Int64: String] = [:]
        try connection.forEach("SELECT ref, text FROM notes WHERE ref IN \(list: refs)") { row in
            texts[try row.next()] = try row.next()
        }
        return texts
    }

    /// - Parameter store: where the vectors are.
    init(_ embedder: SearchEmbedder = .absent, store: Store = .memory) async throws {
        try await self.init(embedder, opening: store.open)
    }

    /// - Parameter engine: where the records are, if not where the specs of this run keep theirs.
    init(
        _ embedder: SearchEmbedder = .absent, on engine: (any DatabaseEngine)? = nil,
        opening open: @Sendable (Database) async throws -> OpenStore
    ) async throws {
        let notes = Migration("0000_notes") { _ in ["CREATE TABLE notes (ref BIGINT PRIMARY KEY, text TEXT NOT NULL)"] }
        let migrations = [notes] + JobsSchema.migrations + SearchSchema.migrations
        records = try await TestDatabase(migrations)
        database = try engine.map { Database(engine: $0) } ?? records.open()
        if engine != nil { try await database.migrate(migrations) }
        self.embedder = embedder
        store = try await open(database)
        index = SearchIndex(vectors: store.vectors)
        service = SearchService(
            database: database, embedder: embedder, sources: [Self.source], vectors: store.vectors)
    }

    static func entry(
        _ ref: Int64, _ title: String, in space: Space = ada, tags: [String] = [], notes: String = "",
        site: String = "", address: String = "https://example.org/", kind: SearchKind = note
    ) -> SearchEntry {
        SearchEntry(
            space: space, kind: kind, ref: ref, title: title, tags: tags, notes: notes, site: site, address: address,
            dated: day)
    }

    /// Puts an entry in. Unless said otherwise, content that comes waits for the backlog.
    func put(_ entry: SearchEntry, content: String? = nil, meaning: EntryMeaning? = nil) async throws {
        let meaning = meaning ?? (content == nil ? .kept : .due)
        let analyzed = content.map(index.analyze)
        try await database.write { connection in
            if let content {
                try connection.execute(
                    """
                    INSERT INTO notes (ref, text) VALUES (\(entry.ref), \(content))
                    ON CONFLICT (ref) DO UPDATE SET text = excluded.text
                    """)
            }
            try index.put(entry, content: analyzed, meaning: meaning, in: connection)
        }
    }

    /// Puts many entries in at once, each with one passage.
    func putMany(_ refs: ClosedRange<Int64>, meaning: @escaping @Sendable (Int64) -> [Float]) async throws {
        try await database.write { connection in
            for ref in refs {
                try connection.execute("INSERT INTO notes (ref, text) VALUES (\(ref), '')")
                let passages = [EmbeddedPassage(range: 0..<1, vector: meaning(ref))]
                try index.put(Self.entry(ref, "Item"), meaning: .embedded(passages), in: connection)
            }
        }
    }

    /// Puts an entry in with what its content means, as the processing of a page does.
    func putEmbedded(_ entry: SearchEntry, content: String) async throws {
        let passages = await embedder.passages(title: entry.title, content: content)
        try await put(entry, content: content, meaning: passages.map { .embedded($0) } ?? .due)
    }

    func remove(_ ref: Int64, from space: Space = ada, kind: SearchKind = note) async throws {
        try await database.write { try index.remove(kind, ref, from: space, in: $0) }
    }

    func search(
        _ query: String, _ mode: SearchMode = .text, in space: Space = ada, offset: Int = 0, limit: Int = 10,
        narrowing: SearchNarrowing? = nil
    ) async throws -> SearchResults {
        try await service.search(
            SearchRequest(query: query, mode: mode, offset: offset, limit: limit, narrowing: narrowing), in: space)
    }

    /// The refs of what is found, best first.
    func find(_ query: String, _ mode: SearchMode = .text, in space: Space = ada) async throws -> [Int64] {
        try await search(query, mode, in: space, limit: 100).results.map(\.ref)
    }

    /// Lets the backlog embed what waits for it.
    func embedBacklog() async throws {
        let queue = JobQueue(database: database)
        var handlers = JobHandlers()
        EmbeddingBacklog(database: database, index: index, embedder: embedder, sources: [Self.source])
            .register(in: &handlers)
        let worker = Worker(queue, handlers: handlers, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let job = try await queue.enqueue(try EmbeddingBacklog.job())
        let work = Task { try await worker.run() }
        try await eventually {
            try await database.read { connection in
                try connection.value("SELECT finished_at IS NOT NULL FROM jobs WHERE id = \(job)") ?? false
            }
        }
        work.cancel()
        try await work.value
    }

    func count(_ query: SQL) async throws -> Int { try await database.read { try $0.value(query) ?? -1 } }

    /// Of the only entry there is.
    func itemAndRevision() async throws -> (SearchItem.ID, Int64) {
        let found = try await database.read { connection in
            try connection.first("SELECT id, revision FROM search_items") { row in
                (try row.next(SearchItem.ID.self), try row.next(Int64.self))
            }
        }
        return try #require(found)
    }

    var waitingForMeaning: Int {
        get async throws {
            try await database.read {
                try $0.value("SELECT COUNT(*) FROM search_items WHERE embedding = 'due'", as: Int.self) ?? 0
            }
        }
    }
}

extension SearchEmbedder {
    /// No model: what a search is without one.
    static var absent: SearchEmbedder {
        let files = EmbeddingModelFiles(packages: "/nowhere")
        return SearchEmbedder(
            embeddings: EmbeddingService(files: files), vocabulary: files.vocabulary, threads: .singleton)
    }

    /// The real model, loaded once for all tests.
    static let real: SearchEmbedder = {
        let files = EmbeddingModelFiles(packages: Checkout.packages)
        return SearchEmbedder(
            embeddings: EmbeddingService(files: files), vocabulary: files.vocabulary, threads: .singleton)
    }()
}
