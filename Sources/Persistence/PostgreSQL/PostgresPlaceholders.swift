/// PostgreSQL's text of a statement: `$1`, `$2` … in the place of each `?` that is not inside a text, a quoted name or
/// a comment.
func numberingPlaceholders(in text: String) -> String {
    var numbered: [UInt8] = []
    numbered.reserveCapacity(text.utf8.count + 32)
    var count = 0
    var scanner = QuoteScanner()
    for byte in text.utf8 {
        if scanner.isOutside(byte), byte == UInt8(ascii: "?") {
            count += 1
            numbered += "$\(count)".utf8
        } else {
            numbered.append(byte)
        }
    }
    return String(decoding: numbered, as: UTF8.self)
}

/// Follows SQL byte by byte through texts, quoted names and comments.
private struct QuoteScanner {
    private enum Place { case code, text, name, line, block }

    private var place = Place.code
    private var previous: UInt8 = 0

    /// Whether the byte, the next one, is code. A doubled quote closes and opens again, which is the same.
    mutating func isOutside(_ byte: UInt8) -> Bool {
        defer { previous = byte }
        switch (place, byte) {
        case (.code, UInt8(ascii: "'")): place = .text
        case (.code, UInt8(ascii: "\"")): place = .name
        case (.code, UInt8(ascii: "-")) where previous == UInt8(ascii: "-"): place = .line
        case (.code, UInt8(ascii: "*")) where previous == UInt8(ascii: "/"): place = .block
        case (.code, _): return true
        case (.text, UInt8(ascii: "'")), (.name, UInt8(ascii: "\"")), (.line, UInt8(ascii: "\n")): place = .code
        case (.block, UInt8(ascii: "/")) where previous == UInt8(ascii: "*"): place = .code
        default: break
        }
        return false
    }
}
