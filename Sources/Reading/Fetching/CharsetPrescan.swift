/// Reads what a page says about its own encoding, before it can be decoded.
enum CharsetPrescan {
    /// The standard asks for 1,024 bytes; real pages put scripts and comments first.
    private static let length = 8_192

    /// The encoding of a `<meta charset>` or `<meta http-equiv="content-type">`, after the
    /// WHATWG "prescan a byte stream to determine its encoding".
    static func meta(in body: [UInt8]) -> CharacterEncoding? {
        var scanner = TagScanner(body.prefix(length))
        while let tag = scanner.next() {
            if tag.name == "meta", let encoding = encoding(ofMeta: tag.attributes) {
                return encoding
            }
        }
        return nil
    }

    /// The encoding of `<?xml … encoding="…"?>`.
    static func xmlDeclaration(in body: [UInt8]) -> CharacterEncoding? {
        guard body.starts(with: Array("<?xml".utf8)) else { return nil }
        let end = body.prefix(256).firstIndex(of: UInt8(ascii: ">")) ?? 0
        let declaration = String(decoding: body[..<end], as: UTF8.self)
        guard let name = declaration.firstRange(of: "encoding") else { return nil }
        let value = declaration[name.upperBound...].drop { $0.isWhitespace || $0 == "=" }
        guard let quote = value.first, quote == "\"" || quote == "'" else { return nil }
        return declared(value.dropFirst().prefix { $0 != quote })
    }

    private static func encoding(ofMeta attributes: [String: String]) -> CharacterEncoding? {
        if let charset = attributes["charset"] { return declared(charset[...]) }
        guard attributes["http-equiv"]?.lowercased() == "content-type",
            let content = attributes["content"], let name = content.lowercased().firstRange(of: "charset")
        else { return nil }
        let value = content.lowercased()[name.upperBound...].drop { $0.isWhitespace }
        guard value.first == "=" else { return nil }
        return declared(value.dropFirst().prefix { $0 != ";" })
    }

    /// A declaration readable as ASCII cannot be in UTF-16, so the standard reads that as UTF-8.
    private static func declared(_ label: Substring) -> CharacterEncoding? {
        guard let encoding = CharacterEncoding(label: label) else { return nil }
        if encoding.isUTF16 { return .utf8 }
        return encoding == .userDefined ? .windows1252 : encoding
    }
}

/// Walks over the tags of markup in an unknown encoding that has ASCII at its base.
private struct TagScanner {
    struct Tag {
        let name: String
        let attributes: [String: String]
    }

    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    mutating func next() -> Tag? {
        while let opening = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
            index = opening + 1
            if bytes[index...].starts(with: Array("!--".utf8)) {
                skipComment()
            } else if current.map(Self.isLetter) == true {
                return tag()
            }
        }
        return nil
    }

    private var current: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    private mutating func skipComment() {
        // The two dashes of the opening may belong to the end: `<!-->` is a comment.
        index = min(index + 1, bytes.endIndex)
        while index < bytes.endIndex, !bytes[index...].starts(with: Array("-->".utf8)) { index += 1 }
    }

    private mutating func tag() -> Tag {
        let name = take { !Self.isSpace($0) && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/") }
        var attributes: [String: String] = [:]
        while let (name, value) = attribute() {
            // The first of two attributes of one name counts.
            if attributes[name] == nil { attributes[name] = value }
        }
        return Tag(name: name.lowercased(), attributes: attributes)
    }

    private mutating func attribute() -> (name: String, value: String)? {
        _ = take { Self.isSpace($0) || $0 == UInt8(ascii: "/") }
        guard let first = current, first != UInt8(ascii: ">") else { return nil }
        let start = index
        // An equals sign at the start belongs to the name.
        index += 1
        _ = take {
            !Self.isSpace($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ">")
                && $0 != UInt8(ascii: "/")
        }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        _ = take(while: Self.isSpace)
        guard current == UInt8(ascii: "=") else {
            return (name.lowercased(), "")
        }
        index += 1
        _ = take(while: Self.isSpace)
        return (name.lowercased(), value())
    }

    private mutating func value() -> String {
        guard let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return take { !Self.isSpace($0) && $0 != UInt8(ascii: ">") }
        }
        index += 1
        let value = take { $0 != quote }
        index = min(index + 1, bytes.endIndex)
        return value
    }

    private mutating func take(while belongs: (UInt8) -> Bool) -> String {
        let start = index
        while let byte = current, belongs(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
