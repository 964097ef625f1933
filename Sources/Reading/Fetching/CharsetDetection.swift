/// Finds out how a page's characters are encoded.
struct CharsetDetection {
    let bytes: ArraySlice<UInt8>
    /// Bytes of the mark at the start, which are no text.
    let markLength: Int
    let encoding: CharacterEncoding

    /// In order: byte order mark, HTTP header, the page's own declaration, UTF-8 where it is
    /// valid, windows-1252.
    ///
    /// Two corrections for sites that declare one encoding and send another: a single-byte
    /// encoding gives way to UTF-8 that is valid from end to end, and a declared UTF-8 that is
    /// mostly invalid gives way to what the page itself says.
    init(body: [UInt8], contentType: String?, mediaType: String) {
        bytes = body[...]
        if let (mark, encoding) = Self.marks.first(where: { body.starts(with: $0.0) }) {
            markLength = mark.count
            self.encoding = encoding
            return
        }
        markLength = 0
        let header = contentType.flatMap(Self.charset(inContentType:))
        let own = Self.declaration(in: body, mediaType: mediaType)
        encoding = Self.choose(header: header, own: own, for: body)
    }

    var text: String { encoding.decode(bytes.dropFirst(markLength)) }

    /// The `charset` parameter of a `Content-Type` value.
    static func charset(inContentType value: String) -> CharacterEncoding? {
        for parameter in value.split(separator: ";").dropFirst() {
            let halves = parameter.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, halves[0].trimmingSpaces.lowercased() == "charset" else { continue }
            return CharacterEncoding(label: halves[1])
        }
        return nil
    }

    private static let marks: [([UInt8], CharacterEncoding)] = [
        ([0xEF, 0xBB, 0xBF], .utf8), ([0xFE, 0xFF], .utf16BigEndian),
        ([0xFF, 0xFE], .utf16LittleEndian),
    ]

    private static func declaration(in body: [UInt8], mediaType: String) -> CharacterEncoding? {
        if body.starts(with: [0x3C, 0, 0x3F, 0]) { return .utf16LittleEndian }
        if body.starts(with: [0, 0x3C, 0, 0x3F]) { return .utf16BigEndian }
        if MediaType.isXML(mediaType), let encoding = CharsetPrescan.xmlDeclaration(in: body) {
            return encoding
        }
        guard MediaType.isHTML(mediaType) else { return nil }
        return CharsetPrescan.meta(in: body) ?? CharsetPrescan.xmlDeclaration(in: body)
    }

    private static func choose(
        header: CharacterEncoding?, own: CharacterEncoding?, for body: [UInt8]
    ) -> CharacterEncoding {
        guard let declared = header ?? own else {
            return UTF8Census(of: body).isMostlyValid ? .utf8 : .windows1252
        }
        if declared.isSingleByte {
            let census = UTF8Census(of: body)
            return census.multibyte > 0 && census.invalid == 0 ? .utf8 : declared
        }
        if declared == .utf8, let own, own != .utf8, !UTF8Census(of: body).isMostlyValid {
            return own
        }
        return declared
    }
}

/// How much of a byte string is well-formed UTF-8.
struct UTF8Census {
    private(set) var multibyte = 0
    private(set) var invalid = 0

    init(of bytes: [UInt8]) {
        var decoder = UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        // Bytes of ASCII count for neither side.
        while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let scalar): if scalar.count > 1 { multibyte += 1 }
            case .error: invalid += 1
            case .emptyInput: return
            }
        }
    }

    /// One damaged character does not make a UTF-8 page another encoding's.
    var isMostlyValid: Bool { invalid == 0 || multibyte > invalid * 4 }
}
