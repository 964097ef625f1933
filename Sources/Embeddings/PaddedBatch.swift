/// A batch as a rectangle, the form that OpenVINO computes.
///
/// Memory grows with every new shape, because kernels are kept for each; so lengths are rounded up.
struct PaddedBatch {
    private static let step = 16

    let texts: Int
    let tokens: Int
    /// Row-major [texts, tokens]; padding is id 0.
    var ids: [Int32]
    /// 0..<tokens.
    var positions: [Int32]
    /// 0 for tokens; for padding so low that attention passes it over, though still a number where a
    /// whole row would be padding.
    var bias: [Float]
    /// 1 for tokens, 0 for padding.
    var mask: [Float]

    init(_ batch: TokenBatch) {
        texts = batch.count
        tokens = (batch.longest + Self.step - 1) / Self.step * Self.step
        ids = Array(repeating: 0, count: texts * tokens)
        bias = Array(repeating: -10_000, count: texts * tokens)
        mask = Array(repeating: 0, count: texts * tokens)
        positions = (0..<Int32(tokens)).map { $0 }
        var source = 0
        for (text, length) in batch.lengths.enumerated() {
            for target in text * tokens..<text * tokens + Int(length) {
                ids[target] = batch.ids[source]
                bias[target] = 0
                mask[target] = 1
                source += 1
            }
        }
    }
}

extension [Float] {
    /// The vector of length one in the same direction; a zero vector stays as it is.
    var normalized: [Float] {
        let length = reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? map { $0 / length } : self
    }
}
