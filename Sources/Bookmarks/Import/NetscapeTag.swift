/// A tag with its attributes, as far as bookmark files use them.
struct NetscapeTag: Sendable {
    /// Lower case, with the slash of a closing tag: `a`, `/dl`.
    let name: String
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        let end = bytes.firstIndex { $0 <= 0x20 } ?? bytes.endIndex
        var name = bytes[..<min(end, 16)]
        if name.count > 1, name.last == .slash { name.removeLast() }
        self.name = String(decoding: name.map(Self.lowercased), as: UTF8.self)
        self.bytes = bytes
    }

    /// Every attribute but icons, by lower-case name; of two with one name the first.
    func attributes() -> [String: ArraySlice<UInt8>] {
        var attributes: [String: ArraySlice<UInt8>] = [:]
        var index = bytes.firstIndex { $0 <= 0x20 } ?? bytes.endIndex
        while let start = bytes[index...].firstIndex(where: { $0 > 0x20 && $0 != .slash }) {
            let end = bytes[start...].firstIndex { $0 <= 0x20 || $0 == .equals } ?? bytes.endIndex
            let name = String(decoding: bytes[start..<end].prefix(32).map(Self.lowercased), as: UTF8.self)
            let value: ArraySlice<UInt8>
            (value, index) = self.value(after: end)
            index = max(index, start + 1)
            if !name.hasPrefix("icon"), attributes[name] == nil { attributes[name] = value }
        }
        return attributes
    }

    /// The value behind `=`, in double, single or no quotes; empty where there is no `=`.
    private func value(after end: Int) -> (ArraySlice<UInt8>, Int) {
        guard let equals = bytes[end...].firstIndex(where: { $0 > 0x20 }), bytes[equals] == .equals else {
            return ([], end)
        }
        guard let start = bytes[(equals + 1)...].firstIndex(where: { $0 > 0x20 }) else { return ([], bytes.endIndex) }
        let quote = bytes[start]
        if quote == .doubleQuote || quote == .singleQuote {
            let close = bytes[(start + 1)...].firstIndex(of: quote) ?? bytes.endIndex
            return (bytes[(start + 1)..<close], min(close + 1, bytes.endIndex))
        }
        let close = bytes[start...].firstIndex { $0 <= 0x20 } ?? bytes.endIndex
        return (bytes[start..<close], close)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
