/// Splits HTML into tags and the text between them, however its bytes arrive in pieces.
///
/// It does not follow the HTML standard in all: bookmark files are no documents, and a tag that is
/// never closed must not swallow the entries behind it.
struct NetscapeTokenizer: Sendable {
    enum Token: Sendable, Equatable {
        /// The bytes between `<` and `>`.
        case tag([UInt8], line: Int)
        case text([UInt8])
    }

    private enum State: Sendable, Equatable {
        case text, tagOpen, tag, comment
        case quoted(UInt8)
    }

    /// Icons are written into tags, so these are large; what is beyond is cut off.
    private static let maximumTag = 1 << 20
    private static let maximumText = 1 << 17

    private var state = State.text
    private var buffer: [UInt8] = []
    private var tagLine = 1
    private var line = 1
    private var lastByte: UInt8 = 0
    /// Whether nothing but white space came since the last newline: a `<` there opens a new entry.
    private var isAtLineStart = false

    /// Whether the input so far ends inside of a tag.
    var isInsideTag: Bool { state != .text && state != .comment }
    /// Line of the tag that the input so far ends in.
    var openTagLine: Int { tagLine }

    /// Adds what `bytes` complete to `tokens`.
    mutating func consume(_ bytes: UnsafeRawBufferPointer, into tokens: inout [Token]) {
        for byte in bytes {
            countLine(byte)
            advance(byte, into: &tokens)
            lastByte = byte
        }
    }

    /// The text that nothing follows.
    mutating func finish(into tokens: inout [Token]) {
        if state == .text { emitText(into: &tokens) }
    }

    private mutating func countLine(_ byte: UInt8) {
        guard byte < 0x0E else { return }
        if byte == 0x0A && lastByte != 0x0D || byte == 0x0D {
            line += 1
            isAtLineStart = true
        }
    }

    private mutating func advance(_ byte: UInt8, into tokens: inout [Token]) {
        switch state {
        case .text:
            if byte == UInt8(ascii: "<") { state = .tagOpen } else { keep(byte, upTo: Self.maximumText) }
        case .tagOpen:
            openTag(byte, into: &tokens)
        case .tag:
            if byte == UInt8(ascii: ">") {
                emitTag(into: &tokens)
            } else {
                if (byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")) && startsValue { state = .quoted(byte) }
                keep(byte, upTo: Self.maximumTag)
            }
        case .quoted(let quote):
            if byte == UInt8(ascii: "<"), isAtLineStart {
                emitTag(into: &tokens)
                state = .tagOpen
            } else {
                if byte == quote { state = .tag }
                if byte > 0x20 { isAtLineStart = false }
                keep(byte, upTo: Self.maximumTag)
            }
        case .comment:
            keepTail(byte)
            if byte == UInt8(ascii: ">"), buffer.suffix(3).elementsEqual("-->".utf8) {
                buffer.removeAll(keepingCapacity: true)
                state = .text
            }
        }
    }

    /// Whether a quote here opens an attribute's value, and is no stray one.
    private var startsValue: Bool {
        buffer.last { $0 > 0x20 } == UInt8(ascii: "=")
    }

    private mutating func openTag(_ byte: UInt8, into tokens: inout [Token]) {
        let isLetter = (byte | 0x20) &- 0x61 < 26
        guard isLetter || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") else {
            keep(UInt8(ascii: "<"), upTo: Self.maximumText)
            if byte != UInt8(ascii: "<") {
                keep(byte, upTo: Self.maximumText)
                state = .text
            }
            return
        }
        emitText(into: &tokens)
        tagLine = line
        isAtLineStart = false
        state = .tag
        keep(byte, upTo: Self.maximumTag)
    }

    private mutating func keep(_ byte: UInt8, upTo limit: Int) {
        guard buffer.count < limit else { return }
        buffer.append(byte)
        if state == .tag, buffer.count == 3, buffer.elementsEqual("!--".utf8) { state = .comment }
    }

    /// Only the end of a comment matters.
    private mutating func keepTail(_ byte: UInt8) {
        if buffer.count > 64 { buffer.removeFirst(buffer.count - 3) }
        buffer.append(byte)
    }

    private mutating func emitText(into tokens: inout [Token]) {
        guard !buffer.isEmpty else { return }
        tokens.append(.text(buffer))
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func emitTag(into tokens: inout [Token]) {
        tokens.append(.tag(buffer, line: tagLine))
        buffer.removeAll(keepingCapacity: true)
        state = .text
    }
}
