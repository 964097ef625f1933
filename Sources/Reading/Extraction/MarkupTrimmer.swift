import CGumbo

/// Takes out of markup, before it is parsed, what nobody reads and what would make a conforming
/// parser slow: the inside of scripts, styles and comments, nesting beyond the limit (the parser's
/// cost grows with depth × elements) and attributes beyond the limit (with their square).
///
/// It only follows tags roughly; the parser's own budget covers what is built to mislead it, and
/// nothing here is relied on for safety.
struct MarkupTrimmer {
    private let limits: MarkupLimits
    private let bytes: UnsafeBufferPointer<UInt8>
    private var cursor = 0
    private var open: [(name: UInt64, isDropped: Bool)] = []
    private var dropped: [Range<Int>] = []
    /// Raw elements known to have no end tag in the rest of the markup.
    private var unclosed: Set<UInt64> = []

    static func trimmed(_ markup: [UInt8], limits: MarkupLimits) -> [UInt8] {
        markup.withUnsafeBufferPointer { bytes in
            var trimmer = MarkupTrimmer(limits: limits, bytes: bytes)
            trimmer.scan()
            return trimmer.dropped.isEmpty ? markup : trimmer.rest()
        }
    }

    private init(limits: MarkupLimits, bytes: UnsafeBufferPointer<UInt8>) {
        self.limits = limits
        self.bytes = bytes
    }

    private func rest() -> [UInt8] {
        var kept: [UInt8] = []
        var start = 0
        for range in dropped {
            kept.append(contentsOf: bytes[start..<range.lowerBound])
            start = range.upperBound
        }
        kept.append(contentsOf: bytes[start...])
        return kept
    }

    private mutating func scan() {
        while let start = find(0x3C, from: cursor), start + 1 < bytes.count {
            cursor = start + 1
            switch bytes[cursor] {
            case UInt8(ascii: "!"): skipDeclaration(from: start)
            case UInt8(ascii: "/"): closeTag(from: start)
            case let byte where UTF8Text.isLetter(byte): openTag(from: start)
            default: break
            }
        }
    }

    private func find(_ byte: UInt8, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress else { return nil }
        let found = fuze_find_byte(base + start, byte, bytes.count - start)
        return found < 0 ? nil : start + found
    }

    private mutating func skipDeclaration(from start: Int) {
        let isComment = cursor + 2 < bytes.count && bytes[cursor + 1] == 0x2D && bytes[cursor + 2] == 0x2D
        guard isComment else { return }
        // An empty comment may be written `<!-->`, so the search starts on its own dashes.
        var index = cursor + 1
        while let end = find(0x3E, from: index) {
            index = end + 1
            let dashes = bytes[end - 1] == 0x2D && bytes[end - 2] == 0x2D
            let bang = end >= 3 && bytes[end - 1] == 0x21 && bytes[end - 2] == 0x2D && bytes[end - 3] == 0x2D
            guard dashes || bang else { continue }
            if dashes, end - start > 16 { dropped.append((start + 4)..<(end - 2)) }
            break
        }
        cursor = max(index, cursor + 1)
    }

    /// The first eight letters of a tag's name.
    private mutating func readName() -> UInt64 {
        var name: UInt64 = 0
        while cursor < bytes.count {
            let byte = bytes[cursor]
            if byte <= 0x20 || byte == 0x2F || byte == 0x3E { break }
            name = name << 8 | UInt64(UTF8Text.lowered(byte))
            cursor += 1
        }
        return name
    }

    private mutating func openTag(from start: Int) {
        let name = readName()
        let cut = skipAttributes()
        if Self.raw.contains(name) { return skipRaw(name, tag: start..<cursor) }
        guard !Self.untracked.contains(name) else { return trimAttributes(from: cut) }
        let isTooDeep = open.count >= limits.depth
        open.append((name, isTooDeep))
        if isTooDeep { dropped.append(start..<cursor) } else { trimAttributes(from: cut) }
    }

    private mutating func trimAttributes(from cut: Int?) {
        if let cut, cut < cursor - 1 { dropped.append(cut..<(cursor - 1)) }
    }

    /// Moves past the tag; gives the place after which it has more attributes than are kept.
    private mutating func skipAttributes() -> Int? {
        var quote: UInt8 = 0
        var count = 0
        var cut: Int?
        while cursor < bytes.count {
            let byte = bytes[cursor]
            cursor += 1
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == 0x3E {
                break
            } else if byte <= 0x20 || byte == 0x2F {
                count += 1
                if count > limits.attributes * 2, cut == nil { cut = cursor }
            } else if (byte == 0x22 || byte == 0x27), isValueStart(cursor - 1) {
                quote = byte
            }
        }
        return cut
    }

    /// Quotes count only after an equals sign, as in the parser.
    private func isValueStart(_ index: Int) -> Bool {
        var before = index - 1
        while before > 0, bytes[before] <= 0x20 { before -= 1 }
        return before >= 0 && bytes[before] == 0x3D
    }

    private mutating func closeTag(from start: Int) {
        cursor += 1
        let name = readName()
        _ = skipAttributes()
        guard !Self.untracked.contains(name) else { return }
        let reach = open.indices.suffix(64)
        guard let index = reach.last(where: { open[$0].name == name }) else { return }
        if open[index].isDropped { dropped.append(start..<cursor) }
        open.removeSubrange(index...)
    }

    private mutating func skipRaw(_ name: UInt64, tag: Range<Int>) {
        guard !unclosed.contains(name) else { return }
        let begin = cursor
        var hasComment = false
        while let start = find(0x3C, from: cursor), start + 1 < bytes.count {
            cursor = start + 1
            if bytes[cursor] == UInt8(ascii: "!") { hasComment = true }
            guard bytes[cursor] == UInt8(ascii: "/") else { continue }
            cursor += 1
            guard readName() == name else { continue }
            // A script with a comment in it may end later than it seems to.
            let isUnread = name == Self.style || name == Self.script && !hasComment && !isData(tag)
            if isUnread, start > begin { dropped.append(begin..<start) }
            return _ = skipAttributes()
        }
        // Inside SVG these are elements like any other.
        unclosed.insert(name)
        cursor = begin
    }

    /// Whether a script's tag declares JSON.
    private func isData(_ tag: Range<Int>) -> Bool {
        guard tag.count > 12 else { return false }
        let json: [UInt8] = [0x6A, 0x73, 0x6F, 0x6E]
        return (tag.lowerBound...(tag.upperBound - 4)).contains { start in
            json.indices.allSatisfy { UTF8Text.lowered(bytes[start + $0]) == json[$0] }
        }
    }

    private static let script = packed("script").first ?? 0
    private static let style = packed("style").first ?? 0

    private static func packed(_ names: String) -> Set<UInt64> {
        Set(names.split(separator: " ").map { $0.utf8.reduce(0) { $0 << 8 | UInt64($1) } })
    }

    private static let raw = packed("script style textarea title xmp iframe noembed noframes")

    /// Empty elements, those whose end may be left out, and those that nest by mistake all over
    /// the old web: they cannot be counted without parsing, and lie within counted ones.
    private static let untracked = packed(
        """
        area base br col embed hr img input link meta param source track wbr html head body p li \
        td th tr tbody thead tfoot caption colgroup dt dd option optgroup rt rp rb rtc a b big code \
        em font i nobr s small strike strong tt u
        """)
}
