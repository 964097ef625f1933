/// Walks over a text's UTF-8 and yields its normalised words one at a time.
struct WordScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    let folding: CharacterFolding
    let ascii: CharacterFolding.Page
    /// Texts that are tokens as they stand, such as `[SEP]`.
    let special: [(text: [UInt8], id: Int32)]

    /// The normalised form of the word found last.
    private(set) var word: [UInt8] = []
    private(set) var scalarCount = 0

    private var index = 0
    private var page: (number: UInt32, content: CharacterFolding.Page)

    /// Bytes of one word that are kept; what is longer is unknown anyway.
    private static let maxWordBytes = 1600

    init(
        bytes: UnsafeBufferPointer<UInt8>, folding: CharacterFolding, ascii: CharacterFolding.Page,
        special: [(text: [UInt8], id: Int32)]
    ) {
        self.bytes = bytes
        self.folding = folding
        self.ascii = ascii
        self.special = special
        page = (0, ascii)
    }

    /// The next word, or the id of a special token; nil at the end.
    mutating func next() -> (range: Range<Int>, special: Int32?)? {
        word.removeAll(keepingCapacity: true)
        scalarCount = 0
        var start = index
        while index < bytes.count {
            let (value, width) = scalar(at: index)
            let kind = kind(of: value)
            if kind == .alone || kind == .space, scalarCount > 0 { return (start..<index, nil) }
            if value == 0x5B, let token = specialToken(at: index) {
                index += token.length
                return (index - token.length..<index, token.id)
            }
            if scalarCount == 0 { start = index }
            index += width
            if kind == .alone || kind == .letter { append(value) }
            if kind == .alone { return (start..<index, nil) }
        }
        return scalarCount > 0 ? (start..<index, nil) : nil
    }

    private mutating func kind(of value: UInt32) -> CharacterFolding.Kind {
        if value < 0x80 { return ascii.kinds[Int(value)] }
        if page.number != value >> 8 { page = (value >> 8, folding.page(value >> 8)) }
        return page.content.kinds[Int(value & 0xFF)]
    }

    /// The scalar was just classified, so its page is at hand.
    private mutating func append(_ value: UInt32) {
        guard word.count < Self.maxWordBytes else { return scalarCount += 1 }
        if value < 0x80 {
            word.append(value >= 65 && value <= 90 ? UInt8(value) + 32 : UInt8(value))
            scalarCount += 1
        } else {
            word.append(contentsOf: page.content.folded(Int(value & 0xFF)))
            scalarCount += page.content.scalarCounts[Int(value & 0xFF)]
        }
    }

    private func specialToken(at start: Int) -> (id: Int32, length: Int)? {
        for (text, id) in special where bytes.count - start >= text.count {
            if bytes[start..<start + text.count].elementsEqual(text) { return (id, text.count) }
        }
        return nil
    }

    /// Decodes one scalar of UTF-8, which a `String` guarantees to be valid.
    private func scalar(at index: Int) -> (value: UInt32, width: Int) {
        let first = UInt32(bytes[index])
        func tail(_ offset: Int) -> UInt32 { UInt32(bytes[index + offset]) & 0x3F }
        switch first {
        case 0..<0x80: return (first, 1)
        case 0x80..<0xE0: return ((first & 0x1F) << 6 | tail(1), 2)
        case 0xE0..<0xF0: return ((first & 0x0F) << 12 | tail(1) << 6 | tail(2), 3)
        default: return ((first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
        }
    }
}
