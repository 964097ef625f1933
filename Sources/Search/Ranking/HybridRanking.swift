import Vectors

/// Ranks the entries of a space by words and by meaning together.
///
/// Each leg names its candidates; then every candidate gets both scores, so that none is judged by
/// one alone because the other list was too short for it; and the best support their neighbours.
public struct HybridRanking {
    /// An entry with its scores.
    public struct Entry: Sendable {
        public let id: Int64
        /// From 0 to 1, by which the list is ordered.
        public let score: Double
        /// The part of the query's words it covers; 0 where it holds none of them.
        public let coverage: Double
        /// The cosine of its best passage, and which that is; nil where it is not embedded.
        public let passage: VectorHit?
    }

    private let near: any NearestPassages
    private let vectors: ([Int64]) throws -> [Int64: [Float]]

    /// - Parameters:
    ///   - near: the passages near the meaning of the query
    ///   - vectors: the float vectors of passages
    public init(near: any NearestPassages, vectors: @escaping (_ passages: [Int64]) throws -> [Int64: [Float]]) {
        self.near = near
        self.vectors = vectors
    }

    /// By meaning alone.
    public func rank(limit: Int) throws -> [Entry] {
        try near.nearestExactly(limit)
            .map { Entry(id: $0.group, score: max(0, Double($0.score)), coverage: 0, passage: $0) }
    }

    /// By both.
    ///
    /// - Parameters:
    ///   - covered: what the candidates by words cover of the query
    ///   - coverage: the same of further entries, where the candidates were not all that hold one
    ///     of the words; entries that hold none may be left out
    public func rank(
        covered: [Int64: Double], coverage: (_ entries: [Int64]) throws -> [Int64: Double]
    ) throws -> [Entry] {
        let (covered, near) = try candidates(covered, coverage)
        let fused = Fusion.rank(coverage: covered, similarity: near.mapValues { Double($0.score) })
        let passages = fused.prefix(NeighbourSupport.entries).compactMap { near[$0.id] }
        let exact = try vectors(passages.map(\.id))
        let known = passages.compactMap { passage in exact[passage.id].map { (passage.group, $0) } }
        return NeighbourSupport.rank(fused, vectors: Dictionary(uniqueKeysWithValues: known)).map { id, score in
            Entry(id: id, score: score, coverage: covered[id] ?? 0, passage: near[id])
        }
    }

    /// The best of both legs, with both scores each.
    private func candidates(
        _ covered: [Int64: Double], _ coverage: ([Int64]) throws -> [Int64: Double]
    ) throws -> (coverage: [Int64: Double], near: [Int64: VectorHit]) {
        let words = covered.map { (id: $0.key, score: $0.value) }.bestFirst().prefix(Fusion.depth)
        var both = Dictionary(uniqueKeysWithValues: words.map { ($0.id, $0.score) })
        let hits = try near.nearest(Fusion.depth)
        var passages = Dictionary(uniqueKeysWithValues: hits.map { ($0.group, $0) })

        var unknown: [Int64] = []
        for id in passages.keys where both[id] == nil {
            if let known = covered[id] { both[id] = known } else { unknown.append(id) }
        }
        if !unknown.isEmpty { both.merge(try coverage(unknown.sorted())) { known, _ in known } }
        let apart = Set(both.keys).subtracting(passages.keys)
        passages.merge(try near.best(of: apart)) { known, _ in known }
        return (both, passages)
    }
}
