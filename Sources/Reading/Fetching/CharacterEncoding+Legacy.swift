import Glibc

extension CharacterEncoding {
    /// Decodes with the system's converter; what it does not know is read as windows-1252, which
    /// at least shows the ASCII part.
    func convertLegacy(_ bytes: [UInt8]) -> String {
        guard var converter = LegacyConverter(from: converterName) else {
            return CharacterEncoding.windows1252.decode(bytes)
        }
        return converter.convert(bytes, replacement: replacement)
    }

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

    /// The code pages of Windows give their unused bytes as control characters.
    private func replacement(for byte: UInt8) -> [UInt8] {
        if name.hasPrefix("windows-"), (0x80...0x9F).contains(byte) { return [0xC2, byte] }
        return [UInt8]("\u{FFFD}".utf8)
    }
}

/// glibc's `iconv` from one encoding to UTF-8.
private struct LegacyConverter: ~Copyable {
    private let handle: iconv_t
    private var output: [UInt8] = []

    /// nil where the system has no such converter.
    init?(from name: String) {
        guard let handle = iconv_open("UTF-8", name), handle != iconv_t(bitPattern: -1) else {
            return nil
        }
        self.handle = handle
    }

    deinit { iconv_close(handle) }

    /// - Parameter replacement: The UTF-8 for a byte that is not valid where it stands.
    mutating func convert(_ bytes: [UInt8], replacement: (UInt8) -> [UInt8]) -> String {
        var source = bytes
        output.reserveCapacity(source.count * 2)
        source.withUnsafeMutableBytes { source in
            var rest = source[...]
            while let failure = convert(&rest), let culprit = rest.first {
                if failure == E2BIG { continue }
                output += replacement(culprit)
                // EINVAL: a character cut off by the end.
                rest = failure == EINVAL ? rest.suffix(0) : rest.dropFirst()
            }
        }
        flush()
        return String(decoding: output, as: UTF8.self)
    }

    /// Converts until the end (nil) or the error number that stopped it: the piece was full
    /// (`E2BIG`), or the next byte is the start of nothing valid.
    private mutating func convert(_ rest: inout Slice<UnsafeMutableRawBufferPointer>) -> Int32? {
        let view = UnsafeMutableRawBufferPointer(rebasing: rest)
        var from = view.bindMemory(to: CChar.self).baseAddress
        var left = view.count
        let handle = handle
        let failure = appendPiece { into, room in
            iconv(handle, &from, &left, &into, &room) == -1 ? errno : nil
        }
        rest = rest.suffix(left)
        return failure
    }

    /// Some converters hold a letter back, as a combining mark may follow.
    private mutating func flush() {
        let handle = handle
        appendPiece { into, room in _ = iconv(handle, nil, nil, &into, &room) }
    }

    private mutating func appendPiece<Outcome>(
        _ fill: (inout UnsafeMutablePointer<CChar>?, inout Int) -> Outcome
    ) -> Outcome {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { piece in
            var into = piece.baseAddress
            var room = piece.count
            let outcome = fill(&into, &room)
            output += UnsafeRawBufferPointer(piece).prefix(piece.count - room)
            return outcome
        }
    }
}
