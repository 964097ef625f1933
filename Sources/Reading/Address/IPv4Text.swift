/// The IPv4 parser of https://url.spec.whatwg.org/#concept-ipv4-parser, which also reads
/// hexadecimal, octal and shortened forms such as `0x7f.1`.
struct IPv4Text {
    let value: UInt32

    /// Whether a host can only be an IPv4 address, so that anything else in it is a failure.
    static func endsInNumber(_ domain: ArraySlice<UInt8>) -> Bool {
        var domain = domain
        if domain.last == .dot { domain = domain.dropLast() }
        let start = domain.lastIndex(of: .dot).map { $0 + 1 } ?? domain.startIndex
        let last = domain[start...]
        guard let first = last.first, first.isASCIIDigit else { return false }
        return last.allSatisfy(\.isASCIIDigit) || number(last) != nil
    }

    init?(parsing domain: ArraySlice<UInt8>) {
        var parts = domain.split(separator: .dot, omittingEmptySubsequences: false)
        if parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
        guard (1...4).contains(parts.count) else { return nil }
        var value: UInt64 = 0
        for (index, part) in parts.enumerated() {
            guard let number = Self.number(part) else { return nil }
            let isLast = index == parts.count - 1
            let bits = UInt64(8 * (isLast ? 4 - index : 1))
            guard number < 1 << bits else { return nil }
            value += isLast ? number : number << UInt64(8 * (3 - index))
        }
        self.value = UInt32(value)
    }

    /// A number, at most 2³² where it is larger: too large in any place.
    private static func number(_ text: ArraySlice<UInt8>) -> UInt64? {
        guard !text.isEmpty else { return nil }
        var digits = text
        var radix: UInt64 = 10
        if text.count >= 2, text.first == UInt8(ascii: "0") {
            let isHexadecimal = text[text.startIndex + 1] | 0x20 == UInt8(ascii: "x")
            digits = text.dropFirst(isHexadecimal ? 2 : 1)
            radix = isHexadecimal ? 16 : 8
        }
        var value: UInt64 = 0
        for byte in digits {
            guard let digit = byte.hexValue, UInt64(digit) < radix else { return nil }
            value = min(value * radix + UInt64(digit), 1 << 32)
        }
        return value
    }

    var serialised: String {
        "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    }
}
