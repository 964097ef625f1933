/// The IPv6 parser and serialiser of https://url.spec.whatwg.org/#concept-ipv6-parser.
struct IPv6Text {
    private(set) var pieces: [UInt16] = Array(repeating: 0, count: 8)
    private let text: [UInt8]
    private var position = 0
    private var pieceCount = 0
    private var compressedAt: Int?

    /// - Parameter text: without the brackets.
    init?(parsing text: ArraySlice<UInt8>) {
        self.text = Array(text)
        guard parse() else { return nil }
    }

    private var current: UInt8? { position < text.count ? text[position] : nil }

    private mutating func parse() -> Bool {
        if current == .colon {
            guard text.count > 1, text[1] == .colon else { return false }
            position = 2
            compressedAt = 0
        }
        while let byte = current {
            guard pieceCount < 8 else { return false }
            if byte == .colon {
                guard compressedAt == nil else { return false }
                position += 1
                compressedAt = pieceCount
                continue
            }
            guard let isFinished = parsePiece() else { return false }
            if isFinished { break }
        }
        return expand()
    }

    /// - Returns: whether the address ends here, or nil on failure.
    private mutating func parsePiece() -> Bool? {
        let start = position
        var value: UInt16 = 0
        while position - start < 4, let digit = current?.hexValue {
            value = value << 4 | UInt16(digit)
            position += 1
        }
        switch current {
        case .dot:
            guard position > start, pieceCount <= 6 else { return nil }
            position = start
            return parseEmbeddedIPv4() ? true : nil
        case .colon:
            position += 1
            guard current != nil else { return nil }
        case nil:
            break
        default:
            return nil
        }
        pieces[pieceCount] = value
        pieceCount += 1
        return false
    }

    /// Four decimal numbers that fill two pieces, up to the end of the text.
    private mutating func parseEmbeddedIPv4() -> Bool {
        let parts = text[position...].split(separator: .dot, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return false }
        var bytes: [UInt16] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(\.isASCIIDigit),
                part.count == 1 || part.first != UInt8(ascii: "0")
            else { return false }
            let value = part.reduce(UInt16(0)) { $0 * 10 + UInt16($1 - 0x30) }
            guard value <= 255 else { return false }
            bytes.append(value)
        }
        pieces[pieceCount] = bytes[0] << 8 | bytes[1]
        pieces[pieceCount + 1] = bytes[2] << 8 | bytes[3]
        pieceCount += 2
        return true
    }

    /// Moves what follows `::` to the end.
    private mutating func expand() -> Bool {
        guard let compressedAt else { return pieceCount == 8 }
        guard pieceCount <= 8 else { return false }
        let tail = pieces[compressedAt..<pieceCount]
        let zeroes = Array(repeating: UInt16(0), count: 8 - pieceCount)
        pieces = pieces[..<compressedAt] + zeroes + tail
        return true
    }

    /// Lower case, the first longest run of at least two zero pieces as `::`.
    var serialised: String {
        let run = longestZeroRun()
        var output = ""
        var index = 0
        while index < 8 {
            if let run, index == run.lowerBound {
                output += index == 0 ? "::" : ":"
                index = run.upperBound
                continue
            }
            output += String(pieces[index], radix: 16)
            if index < 7 { output += ":" }
            index += 1
        }
        return output
    }

    private func longestZeroRun() -> Range<Int>? {
        var best: Range<Int>?
        var index = 0
        while index < 8 {
            let end = pieces[index...].firstIndex { $0 != 0 } ?? 8
            if end - index > max(best?.count ?? 0, 1) { best = index..<end }
            index = max(end, index + 1)
        }
        return best
    }
}
