@testable import Search

/// A few entries in memory with their statistics, as a space would keep them.
struct Shelf {
    private(set) var entries: [TermFrequencies] = []
    private let analyzer = TextAnalyzer()

    init(_ contents: [String] = []) {
        for content in contents { add([.content: content]) }
    }

    mutating func add(_ fields: [SearchField: String]) {
        entries.append(TermFrequencies(fields.mapValues(analyzer.analyze)))
    }

    var statistics: SpaceStatistics {
        var frequencies: [UInt32: Int] = [:]
        for term in entries.flatMap(\.terms) { frequencies[term, default: 0] += 1 }
        let lengths = SearchField.allCases.map { field in entries.reduce(0) { $0 + $1.length(of: field) } }
        return SpaceStatistics(documents: entries.count, fieldLengths: lengths, documentFrequencies: frequencies)
    }

    /// The score of each entry, in the order they were added.
    func scores(_ query: String) -> [Double] {
        let statistics = statistics
        let ranking = BM25F(SearchQuery(query).informative(in: statistics), statistics)
        return entries.map { ranking.score($0) }
    }

    /// The place of the best entry; nil where none holds a word.
    func best(_ query: String) -> Int? {
        let scores = scores(query)
        guard let best = scores.max(), best > 0 else { return nil }
        return scores.firstIndex(of: best)
    }
}
