import Search
import Vectors

/// Ranks a collection by words, by meaning and by both, with the ranking the product uses and
/// without its database, so that what is measured is the ranking.
public struct RetrievalEvaluation {
    /// nDCG@10, the mean over the queries.
    public struct Scores: Sendable {
        public var text = 0.0
        public var semantic = 0.0
        public var hybrid = 0.0
        /// Milliseconds a query, embedding left out.
        public var milliseconds = 0.0

        public var isAboveLegs: Bool { hybrid > max(text, semantic) }
    }

    private let collection: RetrievalCollection
    private let entries: [TermFrequencies]
    private let statistics: SpaceStatistics
    private let partition: VectorPartition
    private let vectors: [Int64: [Float]]

    /// - Parameters:
    ///   - passages: the texts that a document is embedded as
    ///   - embed: unit vectors of texts
    public init(
        _ collection: RetrievalCollection, passages: (_ title: String, _ text: String) throws -> [String],
        embed: (_ texts: [String]) async throws -> [[Float]]
    ) async throws {
        self.collection = collection
        let analyzer = TextAnalyzer()
        entries = collection.documents.map {
            TermFrequencies([.title: analyzer.analyze($0.title), .content: analyzer.analyze($0.text)])
        }
        statistics = Self.statistics(of: entries)
        var texts: [String] = []
        var owners: [Int64] = []
        for (index, document) in collection.documents.enumerated() {
            let passages = try passages(document.title, document.text)
            texts += passages
            owners += passages.map { _ in Int64(index) }
        }
        let embedded = try await embed(texts)
        partition = VectorPartition(dimensions: embedded.first?.count ?? 1)
        try partition.append(
            embedded.indices.map { VectorRow(id: Int64($0), group: owners[$0], vector: embedded[$0]) })
        vectors = Dictionary(uniqueKeysWithValues: embedded.indices.map { (Int64($0), embedded[$0]) })
    }

    public func run(embed: (_ texts: [String]) async throws -> [[Float]]) async throws -> Scores {
        let meanings = try await embed(collection.queries.map(\.text))
        let ranking = HybridRanking(partition: partition) { passages in
            Dictionary(uniqueKeysWithValues: passages.map { ($0, vectors[$0] ?? []) })
        }
        var scores = Scores()
        var time = Duration.zero
        for (query, meaning) in zip(collection.queries, meanings) {
            var covered: [Int64: Double] = [:]
            var hybrid: [HybridRanking.Entry] = []
            time += try ContinuousClock().measure {
                covered = coverage(of: query.text)
                hybrid = try ranking.rank(covered: covered, meaning: meaning) { _ in [:] }
            }
            let semantic = try ranking.rank(meaning: meaning, limit: 10)
            let text = covered.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key > $1.key }
            scores.text += ndcg(text.map(\.key), query)
            scores.semantic += ndcg(semantic.map(\.id), query)
            scores.hybrid += ndcg(hybrid.map(\.id), query)
        }
        let count = Double(max(collection.queries.count, 1))
        return Scores(
            text: scores.text / count, semantic: scores.semantic / count, hybrid: scores.hybrid / count,
            milliseconds: time / .milliseconds(1) / count)
    }

    private func coverage(of text: String) -> [Int64: Double] {
        let query = SearchQuery(text).informative(in: statistics)
        let words = BM25F(query, statistics)
        var covered: [Int64: Double] = [:]
        for (index, entry) in entries.enumerated() {
            let score = words.score(entry)
            if score > 0 { covered[Int64(index)] = score }
        }
        return covered
    }

    private func ndcg(_ ranked: [Int64], _ query: RetrievalCollection.Query) -> Double {
        RetrievalMeasures.ndcg(ranked.prefix(10).map { collection.documents[Int($0)].id }, query.judgements)
    }

    private static func statistics(of entries: [TermFrequencies]) -> SpaceStatistics {
        var frequencies: [UInt32: Int] = [:]
        for entry in entries { for term in entry.terms { frequencies[term, default: 0] += 1 } }
        return SpaceStatistics(
            documents: entries.count,
            fieldLengths: SearchField.allCases.map { field in entries.reduce(0) { $0 + $1.length(of: field) } },
            documentFrequencies: frequencies)
    }
}
