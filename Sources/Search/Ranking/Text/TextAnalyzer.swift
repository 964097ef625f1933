/// Turns text of any language into the terms it is found by.
///
/// Words are runs of letters and digits, folded in case, diacritics and width, English ones
/// stemmed. A compound gives its parts and the whole ("node.js": node, js, nodejs; "GitHub":
/// github, hub …); scripts without spaces give pairs of characters. Nothing is left out as a stop
/// word: how rare a term is decides what it weighs.
public struct TextAnalyzer: Sendable {
    public init() {}

    /// The terms of a text and how often each occurs.
    public func analyze(_ text: String) -> AnalyzedText {
        var result = AnalyzedText()
        forEachTerm(in: text) { result.count($0) }
        return result
    }

    /// Reads the terms in the order of the text, those that start with one of the bytes.
    func forEachTerm(
        in text: String, startingWith initials: TermInitials = .all, _ body: (TermOccurrence) -> Void
    ) {
        var text = text
        text.withUTF8 { bytes in
            var scanner = TermScanner(bytes, initials)
            scanner.run(body)
        }
    }
}

/// A term where it stands in a text.
struct TermOccurrence {
    let hash: UInt32
    /// Valid during the call only.
    let spelling: UnsafeBufferPointer<UInt8>
    /// In UTF-8 bytes of the text.
    let range: Range<Int>
    /// Whether it is another form of words counted anyhow: a whole compound, a part of a camel
    /// case word, a pair of characters.
    let isVariant: Bool

    var term: String { String(decoding: spelling, as: UTF8.self) }
}

/// The distinct terms of a text with their frequencies.
public struct AnalyzedText: Sendable {
    /// Words, without the variants of the same words.
    public private(set) var length = 0
    private(set) var frequencies: [UInt32: Int] = [:]
    /// The distinct terms, in the order of their first occurrence.
    public private(set) var terms: [String] = []

    public init() {}

    mutating func count(_ occurrence: TermOccurrence) {
        if !occurrence.isVariant { length += 1 }
        if frequencies[occurrence.hash, default: 0] == 0 { terms.append(occurrence.term) }
        frequencies[occurrence.hash, default: 0] += 1
    }
}
