import Foundation

/// Measures of a ranked list as trec_eval computes them.
public enum RetrievalMeasures {
    /// Normalised discounted cumulative gain: gain is the judged score, the discount log₂(rank + 1),
    /// the ideal all judged documents in the best order.
    public static func ndcg(_ ranked: [String], _ judgements: [String: Int], depth: Int = 10) -> Double {
        let ideal = gain(judgements.values.sorted(by: >).prefix(depth))
        guard ideal > 0 else { return 0 }
        return gain(ranked.prefix(depth).map { judgements[$0] ?? 0 }) / ideal
    }

    /// The share of the relevant documents among the first `depth`.
    public static func recall(_ ranked: [String], _ judgements: [String: Int], depth: Int = 100) -> Double {
        let relevant = judgements.filter { $0.value > 0 }
        guard !relevant.isEmpty else { return 0 }
        return Double(ranked.prefix(depth).count { relevant[$0] != nil }) / Double(relevant.count)
    }

    private static func gain(_ scores: some Sequence<Int>) -> Double {
        scores.enumerated().reduce(0) { $0 + Double(max($1.element, 0)) / log2(Double($1.offset) + 2) }
    }
}
