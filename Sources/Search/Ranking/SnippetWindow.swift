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
        let first = content.utf8.distance(from: content.startIndex, to: range.lowerBound)
        var html = HTMLText()
        var mark = 0
        var marked = 0
        for (offset, byte) in zip(first..., content.utf8[range]) {
            while mark < marks.count, marks[mark].lowerBound <= offset {
                marked = max(marked, marks[mark].upperBound)
                mark += 1
            }
            html.append(byte, marked: offset < marked)
        }
        return (range.lowerBound > content.startIndex ? "… " : "") + html.finish()
            + (range.upperBound < content.endIndex ? " …" : "")
    }
}

/// Escaped text with marks, byte by byte; white space is one space, control characters are space.
private struct HTMLText {
    private var bytes: [UInt8] = []
    private var isMarked = false
    private var isSpace = true

    mutating func append(_ byte: UInt8, marked: Bool) {
        if marked != isMarked {
            bytes += marked ? Array("<mark>".utf8) : Array("</mark>".utf8)
            isMarked = marked
        }
        guard byte > 0x20, byte != 0x7F else {
            if !isSpace { bytes.append(0x20) }
            isSpace = true
            return
        }
        isSpace = false
        switch byte {
        case UInt8(ascii: "&"): bytes += "&amp;".utf8
        case UInt8(ascii: "<"): bytes += "&lt;".utf8
        case UInt8(ascii: ">"): bytes += "&gt;".utf8
        case UInt8(ascii: "\""): bytes += "&quot;".utf8
        case UInt8(ascii: "'"): bytes += "&#39;".utf8
        default: bytes.append(byte)
        }
    }

    mutating func finish() -> String {
        if isMarked { bytes += "</mark>".utf8 }
        while bytes.last == 0x20 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
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
