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
        case "iso-2022-jp": convertLegacy(Self.shiftedToEUC(bytes))
        default: convertLegacy(Array(bytes))
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
        let units = bytes.map { byte in
            (0x80...0x9F).contains(byte) ? upperControls[Int(byte) - 0x80] : UInt16(byte)
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func decodeUserDefined(_ bytes: some Collection<UInt8>) -> String {
        let units = bytes.map { $0 < 0x80 ? UInt16($0) : 0xF780 + UInt16($0 - 0x80) }
        return String(decoding: units, as: UTF16.self)
    }

    /// Bytes 0x80 to 0x9F of windows-1252; the other upper ones are Latin-1.
    private static let upperControls: [UInt16] = [
        "€", "\u{81}", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "\u{8D}", "Ž", "\u{8F}",
        "\u{90}", "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", "\u{9D}", "ž", "Ÿ",
    ].map { (scalar: Unicode.Scalar) in UInt16(scalar.value) }

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
