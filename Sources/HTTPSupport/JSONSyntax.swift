/// A strict reading of JSON text (RFC 8259) that only checks it: where it breaks, and how deep it nests.
///
/// Foundation's decoder tells neither the place of a mistake nor the field of a number that does not fit,
/// and it lets trailing commas pass; this runs before it, in one pass, on untrusted bytes.
struct JSONSyntax {
    enum Failure: Error, Equatable {
        /// Both count from 1, the column in bytes.
        case malformed(line: Int, column: Int)
        case tooDeep
        case brokenEscape(line: Int, column: Int)
    }

    /// Arrays and objects inside each other; far more than any request needs, far less than the stack holds.
    static let maximumDepth = 64

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0
    private var path: [PathStep]?
    /// Paths of the numbers that are no 64-bit whole numbers; collected on demand only.
    private(set) var unusualNumbers: [String] = []

    private enum PathStep {
        case name(Range<Int>)
        case index(Int)
    }

    private init(_ bytes: UnsafeRawBufferPointer, trackingPaths: Bool) {
        self.bytes = bytes
        path = trackingPaths ? [] : nil
    }

    static func check(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var syntax = JSONSyntax(bytes, trackingPaths: false)
        try syntax.document()
    }

    /// Where a text that passes ``check(_:)`` holds numbers with a fraction or beyond 64 bits.
    static func unusualNumbers(in bytes: UnsafeRawBufferPointer) -> [String] {
        var syntax = JSONSyntax(bytes, trackingPaths: true)
        try? syntax.document()
        return syntax.unusualNumbers
    }

    private mutating func document() throws(Failure) {
        skipSpace()
        try value()
        skipSpace()
        if position < bytes.count { throw malformed }
    }

    private mutating func value() throws(Failure) {
        guard position < bytes.count else { throw malformed }
        switch bytes[position] {
        case UInt8(ascii: "{"): try nested { (self) throws(Failure) in try self.object() }
        case UInt8(ascii: "["): try nested { (self) throws(Failure) in try self.array() }
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func nested(_ body: (inout JSONSyntax) throws(Failure) -> Void) throws(Failure) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw .tooDeep }
        position += 1
        try body(&self)
        depth -= 1
    }

    private mutating func object() throws(Failure) {
        skipSpace()
        if take("}") { return }
        repeat {
            skipSpace()
            let start = position
            try string()
            path?.append(.name(start + 1..<position - 1))
            skipSpace()
            guard take(":") else { throw malformed }
            skipSpace()
            try value()
            _ = path?.popLast()
            skipSpace()
        } while take(",")
        guard take("}") else { throw malformed }
    }

    private mutating func array() throws(Failure) {
        skipSpace()
        if take("]") { return }
        var index = 0
        repeat {
            skipSpace()
            path?.append(.index(index))
            try value()
            _ = path?.popLast()
            index += 1
            skipSpace()
        } while take(",")
        guard take("]") else { throw malformed }
    }

    private mutating func string() throws(Failure) {
        guard take("\"") else { throw malformed }
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return
            }
            guard byte >= 0x20 else { throw malformed }
            position += 1
            if byte == UInt8(ascii: "\\") { try escape() }
        }
        throw malformed
    }

    private mutating func escape() throws(Failure) {
        guard position < bytes.count else { throw malformed }
        let letter = bytes[position]
        if letter == UInt8(ascii: "u") { return try unicodeEscape() }
        guard "\"\\/bfnrt".utf8.contains(letter) else { throw malformed }
        position += 1
    }

    /// `\uXXXX`, where halves of a surrogate pair must come together.
    private mutating func unicodeEscape() throws(Failure) {
        let start = position
        switch try codeUnit() {
        case 0xD800...0xDBFF:
            guard take("\\"), position < bytes.count, bytes[position] == UInt8(ascii: "u"),
                try (0xDC00...0xDFFF).contains(codeUnit())
            else { throw brokenEscape(at: start) }
        case 0xDC00...0xDFFF: throw brokenEscape(at: start)
        default: return
        }
    }

    private mutating func codeUnit() throws(Failure) -> Int {
        position += 1
        var unit = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
            else { throw malformed }
            unit = unit << 4 | digit
            position += 1
        }
        return unit
    }

    private mutating func number() throws(Failure) {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        var isWhole = true
        if take(".") {
            try digits()
            isWhole = false
        }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
            isWhole = false
        }
        guard let path else { return }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if !isWhole || Int64(text) == nil { unusualNumbers.append(describe(path)) }
    }

    private mutating func digits() throws(Failure) {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        if position == start { throw malformed }
    }

    private mutating func word(_ word: StaticString) throws(Failure) {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[index] else { throw malformed }
            position += 1
        }
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private var malformed: Failure {
        let (line, column) = place(of: position)
        return .malformed(line: line, column: column)
    }

    private func brokenEscape(at position: Int) -> Failure {
        let (line, column) = place(of: position)
        return .brokenEscape(line: line, column: column)
    }

    /// Counts from the beginning, so for failures only.
    private func place(of position: Int) -> (line: Int, column: Int) {
        let before = bytes[..<position]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return (before.count { $0 == 0x0A } + 1, position - lineStart + 1)
    }

    private func describe(_ path: [PathStep]) -> String {
        path.reduce(into: "") { text, step in
            switch step {
            case .index(let index): text += "[\(index)]"
            case .name(let range):
                text += (text.isEmpty ? "" : ".") + String(decoding: bytes[range], as: UTF8.self)
            }
        }
    }
}
