import Vectors

/// Moves entries towards the scores of those that say the same.
///
/// What answers a question is usually said by several entries, which are near each other (van
/// Rijsbergen's cluster hypothesis; Diaz 2005, "Regularizing Ad Hoc Retrieval Scores"). So an entry
/// among good ones is likely good itself, and one that got its words or its meaning by chance
/// stands alone. Where questions have several answers this was clearly better than the fused
/// scores as they are, where they have one it was about the same, and it was better throughout than
/// adding the best entries' vectors to the query.
enum NeighbourSupport {
    /// The first so many of a list support each other. From 30 to 50 made little difference.
    static let entries = 40

    /// The nearest so many count. From 5 to 8 made little difference.
    static let neighbours = 6

    /// The share of the neighbours in an entry's score; from 0.3 to 0.5 made little difference.
    static let share = 0.4

    /// The mean cosine of the neighbours below which they are none, and above which they count in full. Pages on
    /// one subject are 0.5 to 0.8 near each other, pages that have nothing to do with each other below 0.3: the only
    /// page on its subject, as personal libraries have many, must not be pulled down by strangers.
    static let strangers = 0.3
    static let kin = 0.5

    /// - Parameters:
    ///   - ranked: scores, best first
    ///   - vectors: unit vectors of the first `entries`; one without is taken to stand among
    ///     average ones
    /// - Returns: the same entries, best first; those after the first `entries` keep their order
    static func rank(
        _ ranked: [(id: Int64, score: Double)], vectors: [Int64: [Float]]
    ) -> [(id: Int64, score: Double)] {
        let first = Array(ranked.prefix(entries))
        guard first.count > 1 else { return ranked }
        let average = first.reduce(0) { $0 + $1.score } / Double(first.count)
        let known = first.filter { vectors[$0.id] != nil }
        let supported = first.map { entry in
            let support = support(of: entry.id, among: known, vectors) ?? (average, 1)
            let share = share * support.weight
            return (id: entry.id, score: (1 - share) * entry.score + share * support.score)
        }
        .bestFirst()
        let lowest = supported.last?.score ?? 0
        return supported + ranked.dropFirst(entries).map { ($0.id, min($0.score, lowest)) }
    }

    /// The mean score of the nearest entries, the nearer the weightier; and what it is to count, from 0 to 1.
    private static func support(
        of id: Int64, among entries: [(id: Int64, score: Double)], _ vectors: [Int64: [Float]]
    ) -> (score: Double, weight: Double)? {
        guard let vector = vectors[id] else { return nil }
        let nearest =
            entries
            .filter { $0.id != id }
            .compactMap { other in
                vectors[other.id].map { (nearness: Double(dotProduct(vector, $0)), score: other.score) }
            }
            .filter { $0.nearness > 0 }
            .sorted { $0.nearness > $1.nearness }
            .prefix(neighbours)
        let total = nearest.reduce(0) { $0 + $1.nearness }
        guard total > 0 else { return nil }
        let weight = (total / Double(nearest.count) - strangers) / (kin - strangers)
        return (nearest.reduce(0) { $0 + $1.nearness * $1.score } / total, min(max(weight, 0), 1))
    }
}
