import Embeddings
import Foundation
import NIOPosix
import Persistence
import Search

/// A library in a database of its own, searched the way the product is searched: the index, the model, both legs
/// and their ranking over SQL.
public final class EvaluationLibrary: Sendable {
    /// nDCG@10, the mean over the queries.
    public struct Scores: Sendable {
        public var text = 0.0
        public var semantic = 0.0
        public var hybrid = 0.0
        /// The median of the hybrid searches, embedding left out: the query has been embedded for the other legs.
        public var milliseconds = 0.0
    }

    private static let kind = SearchKind(rawValue: "document")
    /// Entries put into the catalogue in one transaction.
    private static let batch = 200

    private let folder: URL
    private let database: Database
    private let threads: NIOThreadPool
    private let embeddings: EmbeddingService
    private let embedder: SearchEmbedder
    private let index = SearchIndex()

    /// - Parameter packages: the folder with the model.
    public init(packages: String) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "fuze-evaluation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        database = Database(engine: try SQLiteEngine(path: folder.appending(path: "library.sqlite").path))
        try await database.migrate(SearchSchema.migrations)
        threads = NIOThreadPool(numberOfThreads: max(2, ProcessInfo.processInfo.activeProcessorCount))
        threads.start()
        let files = EmbeddingModelFiles(packages: packages)
        embeddings = EmbeddingService(files: files)
        embedder = SearchEmbedder(embeddings: embeddings, vocabulary: files.vocabulary, threads: threads)
    }

    public func close() {
        embeddings.stop()
        try? database.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Puts a collection into a space of its own and runs its queries there.
    public func evaluate(_ collection: RetrievalCollection, as number: Int64) async throws -> Scores {
        let space = Space.personal(ofUser: number)
        for start in stride(from: 0, to: collection.documents.count, by: Self.batch) {
            try await put(collection.documents, start..<min(start + Self.batch, collection.documents.count), in: space)
        }
        let texts = Dictionary(
            uniqueKeysWithValues: collection.documents.enumerated().map { (Int64($0.offset), $0.element.text) })
        let search = SearchService(
            database: database, embedder: embedder,
            sources: [
                SearchSource(kind: Self.kind) { refs, _, _ in
                    Dictionary(uniqueKeysWithValues: refs.map { ($0, texts[$0] ?? "") })
                }
            ])
        var sums: [SearchMode: Double] = [:]
        var times: [Double] = []
        for query in collection.queries {
            for mode in [SearchMode.text, .semantic, .hybrid] {
                let start = ContinuousClock.now
                let found = try await search.search(
                    SearchRequest(query: query.text, mode: mode, limit: 10), in: space)
                if mode == .hybrid { times.append((ContinuousClock.now - start).milliseconds) }
                let ranked = found.results.map { collection.documents[Int($0.ref)].id }
                sums[mode, default: 0] += RetrievalMeasures.ndcg(ranked, query.judgements)
            }
        }
        let count = Double(max(collection.queries.count, 1))
        return Scores(
            text: sums[.text, default: 0] / count, semantic: sums[.semantic, default: 0] / count,
            hybrid: sums[.hybrid, default: 0] / count, milliseconds: Samples(times).median)
    }

    private func put(_ documents: [RetrievalCollection.Document], _ range: Range<Int>, in space: Space) async throws {
        let embedded = try await withThrowingTaskGroup(of: (Int, [EmbeddedPassage]).self) { group in
            for place in range {
                group.addTask { [embedder] in
                    let document = documents[place]
                    guard let passages = await embedder.passages(title: document.title, content: document.text) else {
                        throw EvaluationFailure.noModel
                    }
                    return (place, passages)
                }
            }
            return try await group.reduce(into: [Int: [EmbeddedPassage]]()) { $0[$1.0] = $1.1 }
        }
        let analyzed = range.map { index.analyze(documents[$0].text) }
        try await database.write { [index] connection in
            for place in range {
                // The collections have no addresses, so all have the same one: its words tell nothing.
                let entry = SearchEntry(
                    space: space, kind: Self.kind, ref: Int64(place), title: documents[place].title,
                    address: "https://library.example/", dated: Date(timeIntervalSince1970: Double(place)))
                try index.put(
                    entry, content: analyzed[place - range.lowerBound], meaning: .embedded(embedded[place] ?? []),
                    in: connection)
            }
        }
    }
}

public enum EvaluationFailure: Error, CustomStringConvertible {
    case noModel

    public var description: String { "The embedding model is not installed: scripts/setup.sh fetches it." }
}
