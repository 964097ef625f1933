import Glibc

extension CharacterEncoding {
    /// The text that bytes stand for; what is not valid becomes U+FFFD.
    func decode(_ bytes: some Collection<UInt8>) -> String {
        switch name {
        case "utf-8": String(decoding: bytes, as: UTF8.self)
        case "utf-16le", "utf-16be": Self.decodeUTF16(bytes, isBigEndian: self == .utf16BigEndian)
        case "windows-1252": Self.decodeWindows1252(bytes)
        case "x-user-defined": Self.decodeUserDefined(bytes)
        // Encodings that let attackers smuggle markup: the standard decodes them to one mark.
        case "replacement": bytes.isEmpty ? "" : "\u{FFFD}"
        case "iso-2022-jp": convert(Self.shiftedToEUC(bytes))
        default: convert(Array(bytes))
        }
    }

    private static func decodeUTF16(_ bytes: some Collection<UInt8>, isBigEndian: Bool) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2 + 1)
        var pending: UInt8?
        for byte in bytes {
            guard let first = pending else {
                pending = byte
                continue
            }
            let (high, low) = isBigEndian ? (first, byte) : (byte, first)
            units.append(UInt16(high) << 8 | UInt16(low))
            pending = nil
        }
        if pending != nil { units.append(0xFFFD) }
        return String(decoding: units, as: UTF16.self)
    }

    private static func decodeWindows1252(_ bytes: some Collection<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            let scalar =
                (0x80...0x9F).contains(byte)
                ? upperControls[Int(byte) - 0x80] : Unicode.Scalar(byte)
            text.append(scalar)
        }
        return String(text)
    }

    private static func decodeUserDefined(_ bytes: some Collection<UInt8>) -> String {
        let units = bytes.map { $0 < 0x80 ? UInt16($0) : 0xF780 + UInt16($0 - 0x80) }
        return String(decoding: units, as: UTF16.self)
    }

    /// Bytes 0x80 to 0x9F of windows-1252; the other upper ones are Latin-1.
    private static let upperControls: [Unicode.Scalar] = [
        "€", "\u{81}", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "\u{8D}", "Ž", "\u{8F}",
        "\u{90}", "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", "\u{9D}", "ž", "Ÿ",
    ]

    /// ISO-2022-JP with its escape sequences resolved, as EUC-JP: the same characters with the
    /// high bit set. glibc's own decoder gives other characters than the standard for signs.
    private static func shiftedToEUC(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        var plain: [UInt8] = []
        var set = UInt8(ascii: "B")
        var isDouble = false
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x1B, index + 2 < bytes.count, "($".utf8.contains(bytes[index + 1]) {
                isDouble = bytes[index + 1] == UInt8(ascii: "$")
                set = bytes[index + 2]
                index += 3
                continue
            }
            let byte = bytes[index]
            let isText = (0x21...0x7E).contains(byte)
            if isText, isDouble {
                plain.append(byte | 0x80)
            } else if isText, set == UInt8(ascii: "I") {
                plain += [0x8E, byte | 0x80]
            } else {
                plain.append(byte)
            }
            index += 1
        }
        return plain
    }
}

extension CharacterEncoding {
    /// glibc's names where they differ, chosen by comparing with the standard's index tables.
    private static let converterNames = [
        "ibm866": "CP866", "x-mac-cyrillic": "MAC-UK", "gbk": "GB18030", "big5": "BIG5-HKSCS",
        "euc-jp": "EUC-JP-MS", "iso-2022-jp": "EUC-JP-MS", "shift_jis": "CP932", "euc-kr": "CP949",
        "iso-8859-8-i": "ISO-8859-8",
    ]

    private var converterName: String {
        if let name = Self.converterNames[name] { return name }
        return name.hasPrefix("windows-") ? "CP\(name.dropFirst(8))" : name.uppercased()
    }

    private func convert(_ input: [UInt8]) -> String {
        guard let converter = iconv_open("UTF-8", converterName), converter != Self.noConverter
        else {
            // A system without this converter still shows the ASCII part.
            return Self.decodeWindows1252(input)
        }
        defer { iconv_close(converter) }
        var source = input
        var output: [UInt8] = []
        output.reserveCapacity(input.count * 2)
        source.withUnsafeMutableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let outcome = Self.convertPiece(of: &rest, with: converter, into: &output)
                if outcome == E2BIG || outcome == 0 { continue }
                output += replacement(for: rest.first)
                rest = outcome == EINVAL ? rest.suffix(0) : rest.dropFirst()
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The code pages of Windows give their unused bytes as control characters.
    private func replacement(for byte: UInt8?) -> [UInt8] {
        if name.hasPrefix("windows-"), let byte, (0x80...0x9F).contains(byte) { return [0xC2, byte] }
        return Array("\u{FFFD}".utf8)
    }

    /// Converts until the end, the piece is full (`E2BIG`) or something is invalid (`EILSEQ`) or
    /// cut off (`EINVAL`); gives that error number, 0 at the end.
    private static func convertPiece(
        of rest: inout Slice<UnsafeMutableRawBufferPointer>, with converter: iconv_t,
        into output: inout [UInt8]
    ) -> Int32 {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { piece in
            let view = UnsafeMutableRawBufferPointer(rebasing: rest)
            var from = view.bindMemory(to: CChar.self).baseAddress
            var left = view.count
            var into = piece.baseAddress
            var room = piece.count
            let code = iconv(converter, &from, &left, &into, &room)
            let failure = code == Int.max.magnitude * 2 + 1 ? errno : 0
            let written = UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(piece))
            output += written.prefix(piece.count - room)
            rest = rest.suffix(left)
            return failure
        }
    }

    private static var noConverter: iconv_t? { iconv_t(bitPattern: -1) }
}
