/// The stretch of a text that shows why it was found, as safe HTML.
///
/// About 240 characters between word borders, escaped, with `<mark>` around the words of the query
/// as the text spells them.
public struct Snippet {
    /// Characters shown.
    static let length = 240

    /// Bytes read at a time, until words of the query turn up.
    private static let stretch = 16 * 1024

    /// Bytes after which a text without any of the words shows its beginning instead.
    private static let deepest = 256 * 1024

    private let content: String
    private let weights: [UInt32: Double]
    private let initials: TermInitials
    private let passage: Range<Int>?

    /// - Parameters:
    ///   - query: whose terms are marked
    ///   - statistics: rare terms attract the window more than common ones
    ///   - passage: the place nearest in meaning, in UTF-8 bytes; words there count more, and
    ///     without words it is what is shown
    public init(
        of content: String, for query: SearchQuery, in statistics: SpaceStatistics, passage: Range<Int>? = nil
    ) {
        self.content = content
        let telling = query.terms.filter { !FunctionWords.english.contains($0.word) }
        let weights = (telling.isEmpty ? query.terms : telling)
            .map { ($0.hash, statistics.inverseDocumentFrequency(of: $0.hash)) }
        self.weights = Dictionary(weights, uniquingKeysWith: { first, _ in first })
        initials = TermInitials(of: query.terms.map(\.word))
        self.passage = passage.flatMap { $0.lowerBound >= 0 && $0.lowerBound < content.utf8.count ? $0 : nil }
    }

    public var html: String {
        guard !content.isEmpty else { return "" }
        let matches = findMatches()
        let window = SnippetWindow(content, around: bestSpan(of: matches) ?? start..<start)
        return window.html(marking: matches.map(\.range))
    }

    private struct Match {
        let range: Range<Int>
        let term: UInt32
        let weight: Double
    }

    /// Where the snippet begins when there is nothing to mark.
    private var start: Int { passage?.lowerBound ?? 0 }

    private func findMatches() -> [Match] {
        guard !weights.isEmpty else { return [] }
        var begin = max(0, start - Self.stretch / 8)
        var matches = matches(from: begin)
        // Near the place that means the same there may be none of the words: the rest may have some.
        if matches.isEmpty, begin > 0 { begin = -Self.stretch }
        while matches.isEmpty, begin + Self.stretch < min(content.utf8.count, Self.deepest) {
            begin += Self.stretch
            matches = self.matches(from: begin)
        }
        return matches
    }

    private func matches(from begin: Int) -> [Match] {
        let bytes = content.utf8
        let first = content.wordBorder(before: begin)
        let last = content.wordBorder(before: min(begin + Self.stretch, bytes.count))
        guard first < last else { return [] }
        let offset = bytes.distance(from: content.startIndex, to: first)
        var matches: [Match] = []
        TextAnalyzer().forEachTerm(in: String(content[first..<last]), startingWith: initials) { occurrence in
            guard let weight = weights[occurrence.hash] else { return }
            let range = occurrence.range.lowerBound + offset..<occurrence.range.upperBound + offset
            let isNear = passage.map { $0.overlaps(range) } ?? false
            matches.append(Match(range: range, term: occurrence.hash, weight: isNear ? weight * 1.25 : weight))
        }
        return matches.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// The matches that tell most within the length: each term counts once, repetitions a tenth.
    private func bestSpan(of matches: [Match]) -> Range<Int>? {
        let width = SnippetWindow.bytes(of: content)
        var best: (score: Double, range: Range<Int>)?
        var counts: [UInt32: Int] = [:]
        var score = 0.0
        var first = 0
        for match in matches {
            score += counts[match.term, default: 0] == 0 ? match.weight : match.weight / 10
            counts[match.term, default: 0] += 1
            while matches[first].range.lowerBound + width < match.range.upperBound, first < matches.count - 1 {
                let left = matches[first]
                counts[left.term, default: 0] -= 1
                score -= counts[left.term] == 0 ? left.weight : left.weight / 10
                first += 1
            }
            if score > (best?.score ?? 0) + 1e-9, matches[first].range.lowerBound < match.range.upperBound {
                best = (score, matches[first].range.lowerBound..<match.range.upperBound)
            }
        }
        return best?.range
    }
}
