/// A part of a longer text, ready to be embedded.
public struct Passage: Sendable, Equatable {
    /// The title, where there is one, and the part.
    public var text: String
    /// Where the part stands in the content, in UTF-8 offsets.
    public var range: Range<Int>
}

/// Splits content into overlapping passages short enough for the model, at paragraph or sentence borders
/// where one is near.
public struct Passages: Sendable {
    /// Tokens of content in one passage; with the title and two marks within `WordPiece.maxTokens`.
    static let tokens = 200
    /// Tokens that a passage repeats of the one before, so that no sentence is only seen cut in two.
    static let overlap = 40
    static let titleTokens = WordPiece.maxTokens - tokens - 2
    /// A border earlier than this share of a full passage is not looked for.
    static let leastShare = 0.6

    /// Passages of one document; from a longer one so many are taken, evenly spread from the first to
    /// the last.
    public static let limit = 64

    private let tokenizer: WordPiece

    public init(tokenizer: WordPiece) { self.tokenizer = tokenizer }

    /// The passages of a document, each preceded by its title. A document with only a title has one
    /// passage; one without any words has none.
    public func split(_ content: String, title: String = "") -> [Passage] {
        let prefix = shortened(title)
        var content = content
        return content.withUTF8 { bytes in
            let words = PassageWords(bytes, tokenizer: tokenizer)
            guard !words.isEmpty else {
                return prefix.isEmpty ? [] : [Passage(text: prefix, range: 0..<0)]
            }
            return Self.spread(words.parts()).map { part in
                let range = words.range(part)
                let text = String(decoding: bytes[range], as: UTF8.self)
                return Passage(text: prefix.isEmpty ? text : prefix + "\n" + text, range: range)
            }
        }
    }

    /// The title without surrounding white space, cut at a word so that it leaves room for content.
    private func shortened(_ title: String) -> String {
        var tokens = 0
        var range: Range<Int>?
        tokenizer.forEachWord(in: title) { word in
            tokens += word.pieces.count
            guard tokens <= Self.titleTokens else { return false }
            range = (range?.lowerBound ?? word.range.lowerBound)..<word.range.upperBound
            return true
        }
        guard let range else { return "" }
        return String(decoding: Array(title.utf8)[range], as: UTF8.self)
    }

    private static func spread(_ parts: [Range<Int>]) -> [Range<Int>] {
        guard parts.count > limit else { return parts }
        return (0..<limit).map { parts[$0 * (parts.count - 1) / (limit - 1)] }
    }
}
