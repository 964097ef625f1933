/// Moves the meaning of a query towards what its first results have in common (Rocchio 1971).
///
/// A query is a few words, and an entry says many on the same thing: with the vectors of the three
/// best entries of both legs mixed in, entries are found that speak of it in other words.
public enum RelevanceFeedback {
    /// Entries taken as relevant. More are less often about the same thing.
    public static let entries = 3

    /// What they weigh against the query together. At 1, queries of one or two words drift.
    static let weight: Float = 0.5

    /// - Parameters:
    ///   - query: a unit vector
    ///   - best: the fused scores of the best entries and the vectors of their best passages
    /// - Returns: a unit vector
    public static func expand(_ query: [Float], with best: [(score: Double, vector: [Float])]) -> [Float] {
        let relevant = best.prefix(entries).filter { $0.score > 0 && $0.vector.count == query.count }
        let total = relevant.reduce(0) { $0 + $1.score }
        guard total > 0 else { return query }
        var expanded = query
        for (score, vector) in relevant {
            let share = weight * Float(score / total)
            for index in expanded.indices { expanded[index] += share * vector[index] }
        }
        let length = expanded.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? expanded.map { $0 / length } : query
    }
}
