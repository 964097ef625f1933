import Foundation

/// Turns the bytes of a bookmark file into text.
struct NetscapeText: Sendable {
    /// What is no UTF-8 is taken for this: the encoding the file declares, or what browsers assume.
    private var fallback = String.Encoding.windowsCP1252

    private static let declarable: [String: String.Encoding] = [
        "windows-1250": .windowsCP1250, "windows-1251": .windowsCP1251, "windows-1253": .windowsCP1253,
        "windows-1254": .windowsCP1254, "iso-8859-2": .isoLatin2, "shift_jis": .shiftJIS, "euc-jp": .japaneseEUC,
    ]

    /// - Parameter contentType: such as `text/html; charset=windows-1251`.
    mutating func declare(contentType: String) {
        guard let range = contentType.range(of: "charset=", options: .caseInsensitive) else { return }
        let name = contentType[range.upperBound...].prefix {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0))
        }
        if let encoding = Self.declarable[name.lowercased()] { fallback = encoding }
    }

    /// With entities resolved, at most `limit` bytes of it.
    func decoded(_ bytes: ArraySlice<UInt8>, limit: Int = .max) -> String {
        let text = String(validating: bytes, as: UTF8.self) ?? legacy(bytes)
        return Self.cut(HTMLEntities.resolved(text), to: limit)
    }

    /// One line without white space at its ends or doubled inside.
    func line(_ bytes: ArraySlice<UInt8>, limit: Int) -> String {
        let words = bytes.split { $0 <= 0x20 }
        return decoded(Array(words.joined(separator: [0x20]))[...], limit: limit)
    }

    private func legacy(_ bytes: ArraySlice<UInt8>) -> String {
        // Only texts that were cut at their limit can end within a character of UTF-8.
        if bytes.count >= NetscapeBookmarkParser.maximumNotes {
            for dropped in 1...3 {
                if let text = String(validating: bytes.dropLast(dropped), as: UTF8.self) { return text }
            }
        }
        return String(data: Data(bytes), encoding: fallback) ?? String(decoding: bytes, as: UTF8.self)
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: limit)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }
}
