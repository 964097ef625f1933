/// What a person searches for. All of it is data: there is no syntax, so nothing in it can be wrong.
public struct SearchQuery: Sendable {
    public struct Term: Sendable, Equatable {
        public let word: String
        public let hash: UInt32
        /// How often the query says it.
        public internal(set) var count: Int
        /// Whether it only repeats other terms in another form, such as a compound as a whole.
        public let isVariant: Bool
    }

    /// More terms than this make a search slower and no better.
    public static let mostTerms = 64

    /// A pasted text has more distinct words than that; those at its start say what it is about.
    private static let mostTermsRead = 1024

    /// The distinct terms in the order of the query.
    public let terms: [Term]

    /// The words without the signs around them, for embedding: a model hears quotes, stars and
    /// emoji, and the result would be another. Empty where there are no words.
    public let plainText: String

    public init(_ text: String, analyzer: TextAnalyzer = TextAnalyzer()) {
        var terms: [Term] = []
        var places: [UInt32: Int] = [:]
        analyzer.forEachTerm(in: text) { occurrence in
            if let place = places[occurrence.hash] {
                terms[place].count += 1
            } else if terms.count < Self.mostTermsRead {
                places[occurrence.hash] = terms.count
                terms.append(
                    Term(word: occurrence.term, hash: occurrence.hash, count: 1, isVariant: occurrence.isVariant))
            }
        }
        self.terms = terms
        plainText = text.withoutSigns
    }

    private init(terms: [Term], of query: SearchQuery) {
        self.terms = terms
        plainText = query.plainText
    }

    /// The terms worth looking for in a space: a variant that occurs nowhere tells nothing, and of
    /// a long text only the rarest terms count.
    public func informative(in statistics: SpaceStatistics) -> SearchQuery {
        let useful = terms.filter { !$0.isVariant || statistics.documentFrequencies[$0.hash] != nil }
        guard useful.count > Self.mostTerms else { return SearchQuery(terms: useful, of: self) }
        let weights = useful.map { Double($0.count) * statistics.inverseDocumentFrequency(of: $0.hash) }
        // A term that occurs nowhere is the rarest of all and finds nothing.
        let found = useful.indices.filter { statistics.documentFrequencies[useful[$0].hash] != nil }
        let best = found.sorted { weights[$0] > weights[$1] }.prefix(Self.mostTerms).sorted()
        return SearchQuery(terms: best.map { useful[$0] }, of: self)
    }
}

extension String {
    /// Words separated by one space; signs stay where they are part of a word ("node.js", "C++").
    fileprivate var withoutSigns: String {
        var words = String.UnicodeScalarView()
        var sign: Unicode.Scalar?
        for scalar in unicodeScalars {
            if scalar.isWordPart {
                if let sign, words.last != " ", !words.isEmpty { words.append(sign) }
                sign = nil
                words.append(scalar)
            } else if scalar == "+" || scalar == "#", sign == nil, words.last?.isPartOfSignedName == true {
                words.append(scalar)
            } else {
                // One sign between two words joins them; a space, or several signs, do not.
                sign = sign == nil && "-._@&'’,/:".unicodeScalars.contains(scalar) ? scalar : " "
            }
        }
        return String(words)
    }
}

extension Unicode.Scalar {
    fileprivate var isWordPart: Bool {
        properties.isAlphabetic || properties.numericType != nil
            || [.nonspacingMark, .spacingMark].contains(properties.generalCategory) && !properties.isVariationSelector
    }

    /// A word or the first "+" of "C++".
    fileprivate var isPartOfSignedName: Bool { isWordPart || self == "+" }
}
