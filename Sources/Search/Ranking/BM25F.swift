/// Ranking by words: BM25 with fields (Robertson, Zaragoza and Taylor 2004), as the part of the
/// query that an entry covers.
///
/// A term's frequencies are summed over the fields, each relative to its usual length and times
/// its weight; the sum saturates, and counts as much as the term is rare. Divided by what an
/// endless repetition of every term would reach, the score is between 0 and 1 and means the same
/// for every query, which is what makes it comparable with a cosine.
public struct BM25F: Sendable {
    /// How a field counts.
    struct FieldRule: Sendable {
        let weight: Double
        /// 0 counts words as they are, 1 wholly relative to the average length.
        let lengthShare: Double
    }

    /// How fast repetition saturates. With the length share of 0.75 the usual setting, confirmed
    /// on abstracts of aerodynamics and of medicine; larger or smaller values change little.
    static let saturation = 1.2

    /// What a function word weighs of its rarity: in a small library that alone is not enough to tell it.
    static let functionWordShare = 0.25

    /// A word of a title or a tag was chosen to say what the thing is.
    static func rule(for field: SearchField) -> FieldRule {
        switch field {
        case .title: FieldRule(weight: 3, lengthShare: 0.5)
        case .tags: FieldRule(weight: 3, lengthShare: 0.3)
        case .notes: FieldRule(weight: 1.5, lengthShare: 0.5)
        case .site: FieldRule(weight: 1, lengthShare: 0.3)
        case .content: FieldRule(weight: 1, lengthShare: 0.75)
        }
    }

    private struct WeightedTerm {
        let hash: UInt32
        let weight: Double
    }

    private let terms: [WeightedTerm]
    // Of each field, in the order of the fields.
    private let weights: SIMD8<Double>
    private let lengthShares: SIMD8<Double>
    private let inverseAverageLengths: SIMD8<Double>
    /// The sum of all weights, reached by endless repetition.
    private let bound: Double

    /// - Parameters:
    ///   - query: every distinct term counts once, also those that occur nowhere: an entry cannot
    ///     cover them.
    ///   - statistics: of the space that is searched
    public init(_ query: SearchQuery, _ statistics: SpaceStatistics) {
        terms = query.terms.map {
            let share = FunctionWords.english.contains($0.word) ? Self.functionWordShare : 1
            return WeightedTerm(hash: $0.hash, weight: share * statistics.inverseDocumentFrequency(of: $0.hash))
        }
        let rules = SearchField.allCases.map(Self.rule)
        weights = SIMD8(padding: rules.map(\.weight))
        lengthShares = SIMD8(padding: rules.map(\.lengthShare))
        inverseAverageLengths = SIMD8(
            padding: SearchField.allCases.map { 1 / max(statistics.averageLength(of: $0), .leastNormalMagnitude) })
        bound = terms.reduce(0) { $0 + $1.weight }
    }

    /// The part of the query that the entry covers, 0 where it holds none of the words.
    ///
    /// - Parameter entry: the bytes of its `TermFrequencies`
    public func score(_ entry: UnsafeRawBufferPointer) -> Double {
        guard bound > 0 else { return 0 }
        let view = TermFrequenciesView(entry)
        let factors = factors(for: view)
        var sum = 0.0
        for term in terms {
            var frequency = 0.0
            for field in 0..<view.fields where factors[field] > 0 {
                frequency += factors[field] * Double(view.frequency(of: term.hash, inField: field))
            }
            sum += term.weight * frequency / (frequency + Self.saturation)
        }
        return sum / bound
    }

    public func score(_ entry: TermFrequencies) -> Double {
        entry.bytes.withUnsafeBytes { score($0) }
    }

    /// What one occurrence counts in each field of an entry: the field's weight over its relative
    /// length; 0 where the field is empty.
    private func factors(for view: TermFrequenciesView) -> SIMD8<Double> {
        var factors = SIMD8<Double>()
        for field in 0..<view.fields where view.counts[field] > 0 {
            let relativeLength = Double(view.lengths[field]) * inverseAverageLengths[field]
            factors[field] = weights[field] / (1 - lengthShares[field] + lengthShares[field] * relativeLength)
        }
        return factors
    }
}

extension SIMD8<Double> {
    fileprivate init(padding values: [Double]) {
        self.init()
        for (index, value) in values.enumerated() { self[index] = value }
    }
}
