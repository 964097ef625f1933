/// Makes one score of the two: how much of the query's words an entry covers, and how near it is in
/// meaning.
///
/// A convex combination of scores that each keep their own scale (Bruch, Gai and Ingber 2022, "An
/// Analysis of Fusion Functions for Hybrid Retrieval", prefer it to ranks). Neither is stretched
/// to the best of the list: where no entry covers much of the query, words say little, and meaning
/// decides by itself. On queries of one to three words, reciprocal ranks and standard scores fell
/// below the words alone, as they give a weak leg as much to say as a strong one.
public enum Fusion {
    /// The share of the words. Anything from 0.4 to 0.6 ranks almost the same.
    static let wordShare = 0.5

    /// How many of each leg's best are candidates for both.
    public static let depth = 200

    /// - Parameters:
    ///   - coverage: of BM25F, 0…1
    ///   - similarity: the cosine of the best passage
    public static func score(coverage: Double, similarity: Double) -> Double {
        wordShare * coverage + (1 - wordShare) * max(0, similarity)
    }

    /// Both scores of each entry as one, best first; ties with the newer (the higher id) first.
    ///
    /// An entry without a similarity is not embedded yet: it is taken to be as near as the others
    /// are on average, so that waiting neither hides it nor lifts it.
    public static func rank(
        coverage: [Int64: Double], similarity: [Int64: Double]
    ) -> [(id: Int64, score: Double)] {
        let average = similarity.isEmpty ? 0 : similarity.values.reduce(0, +) / Double(similarity.count)
        return Set(coverage.keys).union(similarity.keys)
            .map { (id: $0, score: score(coverage: coverage[$0] ?? 0, similarity: similarity[$0] ?? average)) }
            .bestFirst()
    }
}
