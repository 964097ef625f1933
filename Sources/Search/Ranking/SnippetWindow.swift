/// A part of a text between word borders, and its HTML.
struct SnippetWindow {
    private let content: String
    private let range: Range<String.Index>

    /// As much of the text as a snippet shows, with the span a third from its start.
    init(_ content: String, around span: Range<Int>) {
        self.content = content
        let width = Self.bytes(of: content)
        let spare = max(0, width - span.count)
        let count = content.utf8.count
        let begin = max(0, min(span.lowerBound - (span.isEmpty ? 0 : spare / 3), count - width))
        let end = min(count, begin + max(width, span.upperBound - begin))
        let first = content.wordBorder(before: begin)
        let last = end == count ? content.endIndex : content.wordBorder(before: end)
        range = first..<max(first, last)
    }

    /// The UTF-8 length of a snippet of this text: a script of three bytes a character has as many
    /// characters in it.
    static func bytes(of content: String) -> Int {
        let sample = content.utf8.prefix(4096)
        let characters = sample.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
        return Snippet.length * sample.count / max(characters, 1)
    }

    /// - Parameter marks: UTF-8 ranges of the text in ascending order; they may overlap
    func html(marking marks: [Range<Int>]) -> String {
        var html = range.lowerBound > content.startIndex ? "… " : ""
        var offset = content.utf8.distance(from: content.startIndex, to: range.lowerBound)
        var marks = marks[...]
        var isMarked = false
        var isSpace = true
        for character in content[range] {
            while let mark = marks.first, mark.upperBound <= offset { marks.removeFirst() }
            let marked = marks.prefix { $0.lowerBound <= offset }.contains { $0.contains(offset) }
            if marked != isMarked {
                html += marked ? "<mark>" : "</mark>"
                isMarked = marked
            }
            if !(character.isBlank && isSpace) { html += character.escaped }
            isSpace = character.isBlank
            offset += character.utf8.count
        }
        if isMarked { html += "</mark>" }
        return range.upperBound < content.endIndex ? html + (isSpace ? "…" : " …") : html
    }
}

extension Character {
    /// White space, and control characters that have no business in a page.
    fileprivate var isBlank: Bool {
        isWhitespace || unicodeScalars.allSatisfy { $0.properties.generalCategory == .control }
    }

    fileprivate var escaped: String {
        if isBlank { return " " }
        return switch self {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "\"": "&quot;"
        case "'": "&#39;"
        default: String(self)
        }
    }
}

extension String {
    /// The start of the word that the byte is in; in a stretch without spaces, of its character.
    func wordBorder(before offset: Int) -> Index {
        guard offset > 0 else { return startIndex }
        guard offset < utf8.count else { return endIndex }
        let place = utf8.index(startIndex, offsetBy: offset)
        var border = place
        for _ in 0..<64 {
            guard border > startIndex else { return startIndex }
            let previous = utf8.index(before: border)
            if utf8[previous] == 0x20 || utf8[previous] == 0x0A { return wholeCharacter(at: border) }
            border = previous
        }
        return wholeCharacter(at: place)
    }

    /// The start of the character that the byte is in: `index(after:)` rounds down first.
    private func wholeCharacter(at place: Index) -> Index { index(before: index(after: place)) }
}
