/// Measurements of the same thing, in the order of their size.
public struct Samples: Sendable {
    public let sorted: [Double]

    public init(_ values: [Double]) { sorted = values.sorted() }

    public var median: Double { quantile(0.5) }

    /// The smallest value that this share of the samples does not exceed; 0 where there are none.
    public func quantile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = (share * Double(sorted.count)).rounded(.up)
        return sorted[min(max(Int(rank) - 1, 0), sorted.count - 1)]
    }
}

extension Duration {
    public var seconds: Double { self / .seconds(1) }
    public var milliseconds: Double { self / .milliseconds(1) }
}
