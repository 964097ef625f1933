/// A set of bytes that must be percent-encoded; every byte above 0x7E belongs to each of them.
struct PercentEncodeSet: Sendable {
    private let low: UInt64
    private let high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// A set of the C0 controls and `characters`, which are ASCII.
    init(controlsAnd characters: StaticString = "") {
        self.init(low: 0xFFFF_FFFF, high: 1 << 63)
        self = adding(characters)
    }

    /// No ASCII byte at all.
    static let none = PercentEncodeSet(low: 0, high: 0)

    func adding(_ characters: StaticString) -> PercentEncodeSet {
        var (low, high) = (low, high)
        characters.withUTF8Buffer { bytes in
            for byte in bytes {
                if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
            }
        }
        return PercentEncodeSet(low: low, high: high)
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        if byte < 64 { return low >> UInt64(byte) & 1 == 1 }
        return byte > 127 || high >> UInt64(byte - 64) & 1 == 1
    }
}

/// The sets of https://url.spec.whatwg.org/#percent-encoded-bytes.
extension PercentEncodeSet {
    static let c0Control = PercentEncodeSet()
    static let fragment = PercentEncodeSet(controlsAnd: " \"<>`")
    static let query = PercentEncodeSet(controlsAnd: " \"#<>")
    static let specialQuery = query.adding("'")
    static let path = query.adding("?^`{}")
    static let userinfo = path.adding("/:;=@[\\]|")
}

enum PercentEncoding {
    private static let upperHex: StaticString = "0123456789ABCDEF"

    /// Appends `bytes` to `output`, those in `set` as `%XX`.
    static func append(
        _ bytes: ArraySlice<UInt8>, encoding set: PercentEncodeSet, to output: inout [UInt8]
    ) {
        var plainStart = bytes.startIndex
        for index in bytes.indices where set.contains(bytes[index]) {
            output.append(contentsOf: bytes[plainStart..<index])
            append(bytes[index], to: &output)
            plainStart = index + 1
        }
        output.append(contentsOf: bytes[plainStart...])
    }

    /// Appends `byte` as `%XX`.
    static func append(_ byte: UInt8, to output: inout [UInt8]) {
        let digits = upperHex.utf8Start
        output.append(UInt8(ascii: "%"))
        output.append(digits[Int(byte >> 4)])
        output.append(digits[Int(byte & 15)])
    }

    /// The bytes that `text` stands for; a `%` without two hexadecimal digits stands for itself.
    static func decoded(_ text: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(text)
        guard bytes.contains(UInt8(ascii: "%")) else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let byte = escapedByte(in: bytes, at: index) {
                output.append(byte)
                index += 3
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return output
    }

    /// The byte that `%XX` at `index` stands for, or nil where there is no such triple.
    static func escapedByte(in bytes: [UInt8], at index: Int) -> UInt8? {
        guard bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
            let high = bytes[index + 1].hexValue, let low = bytes[index + 2].hexValue
        else { return nil }
        return high << 4 | low
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { self &- 0x30 < 10 }
    var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }
    var lowercasedASCII: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}
