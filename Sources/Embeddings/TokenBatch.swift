/// Tokenized texts that are computed together, one after the other.
struct TokenBatch: Sendable {
    /// Enough for the processor to be busy, few enough that a query does not wait long behind them.
    static let maxTexts = 8
    static let maxTokens = 512

    let ids: [Int32]
    let lengths: [Int32]

    var count: Int { lengths.count }
    var longest: Int { Int(lengths.max() ?? 0) }

    init(_ texts: [[Int32]]) {
        ids = Array(texts.joined())
        lengths = texts.map { Int32($0.count) }
    }

    /// Groups texts of similar length, the longest first: indices into `texts`, at most `maxTexts` and
    /// `maxTokens` a group.
    static func grouping(_ texts: [[Int32]]) -> [[Int]] {
        let order = texts.indices.sorted {
            (texts[$0].count, $1) > (texts[$1].count, $0)
        }
        var groups: [[Int]] = []
        var tokens = 0
        for index in order {
            let length = texts[index].count
            if let last = groups.last, last.count < maxTexts, tokens + length <= maxTokens {
                groups[groups.count - 1].append(index)
                tokens += length
            } else {
                groups.append([index])
                tokens = length
            }
        }
        return groups
    }
}
