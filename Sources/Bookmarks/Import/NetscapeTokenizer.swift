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
    /// Whether only white space came since the last newline: a `<` there opens a new entry.
    private var isAtLineStart = false

    /// Line of the opening tag that the input so far ends in the middle of.
    var openTagLine: Int? {
        switch state {
        case .text, .comment: nil
        case .tagOpen: line
        case .tag, .quoted: buffer.first == .slash ? nil : tagLine
        }
    }

    /// Adds what `bytes` complete to `tokens`.
    mutating func consume(_ bytes: UnsafeRawBufferPointer, into tokens: inout [Token]) {
        var index = 0
        while index < bytes.count {
            let end = runEnd(in: bytes, from: index)
            keepRun(UnsafeRawBufferPointer(rebasing: bytes[index..<end]))
            index = end
            guard index < bytes.count else { return }
            countLine(bytes[index])
            advance(bytes[index], into: &tokens)
            lastByte = bytes[index]
            index += 1
        }
    }

    /// The text that nothing follows.
    mutating func finish(into tokens: inout [Token]) {
        if state == .text { emitText(into: &tokens) }
    }
}

// MARK: - Runs of bytes without meaning

extension NetscapeTokenizer {
    /// Where the bytes end that only have to be kept.
    private func runEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        switch state {
        case .text:
            while index < bytes.count, bytes[index] != .less, !bytes[index].endsLine { index += 1 }
        case .tag:
            while index < bytes.count, bytes[index] != .greater, bytes[index] > 0x27 || bytes[index] == 0x20 {
                index += 1
            }
        case .quoted(let quote):
            while index < bytes.count, bytes[index] != quote, bytes[index] != .less, !bytes[index].endsLine {
                index += 1
            }
        case .tagOpen, .comment:
            break
        }
        return index
    }

    private mutating func keepRun(_ run: UnsafeRawBufferPointer) {
        guard let last = run.last else { return }
        lastByte = last
        if isAtLineStart, run.contains(where: { $0 > 0x20 }) { isAtLineStart = false }
        let room = (state == .text ? Self.maximumText : Self.maximumTag) - buffer.count
        if state == .tag, buffer.count < 3 {
            for byte in run { keepInTag(byte) }
        } else if room > 0 {
            buffer.append(contentsOf: run.prefix(room))
        }
    }

    private mutating func countLine(_ byte: UInt8) {
        guard byte.endsLine else { return }
        if byte == 0x0D || lastByte != 0x0D { line += 1 }
        isAtLineStart = true
    }
}

// MARK: - Bytes that change the state

extension NetscapeTokenizer {
    private mutating func advance(_ byte: UInt8, into tokens: inout [Token]) {
        switch state {
        case .text:
            if byte == .less { state = .tagOpen } else { keepInText(byte) }
        case .tagOpen:
            openTag(byte, into: &tokens)
        case .tag:
            if byte == .greater {
                emitTag(into: &tokens)
            } else {
                if byte == .doubleQuote || byte == .singleQuote, startsValue { state = .quoted(byte) }
                keepInTag(byte)
            }
        case .quoted(let quote):
            if byte == .less, isAtLineStart {
                emitTag(into: &tokens)
                state = .tagOpen
            } else {
                if byte == quote { state = .tag }
                if byte > 0x20 { isAtLineStart = false }
                keepInTag(byte)
            }
        case .comment:
            endComment(byte)
        }
    }

    private mutating func openTag(_ byte: UInt8, into tokens: inout [Token]) {
        guard byte.isLetter || byte == .slash || byte == .exclamation || byte == .question else {
            keepInText(.less)
            if byte != .less {
                keepInText(byte)
                state = .text
            }
            return
        }
        emitText(into: &tokens)
        tagLine = line
        isAtLineStart = false
        state = .tag
        keepInTag(byte)
    }

    /// Whether a quote here opens an attribute's value, and is no stray one.
    private var startsValue: Bool { buffer.last { $0 > 0x20 } == .equals }

    private mutating func keepInText(_ byte: UInt8) {
        if buffer.count < Self.maximumText { buffer.append(byte) }
    }

    private mutating func keepInTag(_ byte: UInt8) {
        guard buffer.count < Self.maximumTag else { return }
        buffer.append(byte)
        if buffer.count == 3, buffer.elementsEqual("!--".utf8) { state = .comment }
    }

    /// Only the end of a comment matters.
    private mutating func endComment(_ byte: UInt8) {
        if buffer.count > 64 { buffer.removeFirst(buffer.count - 3) }
        buffer.append(byte)
        if byte == .greater, buffer.suffix(3).elementsEqual("-->".utf8) {
            buffer.removeAll(keepingCapacity: true)
            state = .text
        }
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

extension UInt8 {
    static let less = UInt8(ascii: "<")
    static let greater = UInt8(ascii: ">")
    static let slash = UInt8(ascii: "/")
    static let exclamation = UInt8(ascii: "!")
    static let question = UInt8(ascii: "?")
    static let equals = UInt8(ascii: "=")
    static let doubleQuote = UInt8(ascii: "\"")
    static let singleQuote = UInt8(ascii: "'")

    fileprivate var endsLine: Bool { self == 0x0A || self == 0x0D }
    fileprivate var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
