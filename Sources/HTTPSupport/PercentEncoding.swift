/// Percent-decoding of paths and queries. It never fails: what is no escape stays as it is, and bytes that are
/// no UTF-8 become replacement characters, since a search for odd text is still a search.
enum PercentEncoding {
    static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> String {
        let percent = UInt8(ascii: "%")
        let plus = UInt8(ascii: "+")
        guard text.contains(where: { $0 == percent || plusIsSpace && $0 == plus }) else {
            return String(decoding: text, as: UTF8.self)
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == percent, let value = escapedByte(rest.prefix(2)) {
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(plusIsSpace && byte == plus ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func escapedByte(_ digits: some Collection<UInt8>) -> UInt8? {
        guard digits.count == 2 else { return nil }
        return digits.reduce(UInt8?(0)) { value, digit in
            guard let value, let nibble = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            return value << 4 | UInt8(nibble)
        }
    }
}
