/// One spelling for each text of a path, query or fragment: upper-case hexadecimal digits, nothing
/// escaped that needs no escape, everything escaped that does.
struct CanonicalEncoding: Sendable {
    /// Characters whose escape means the same as the character.
    private let plain: PercentEncodeSet
    /// Characters that mean something else when escaped, and so stay as they are found.
    private let delimiters: PercentEncodeSet
    private let isForm: Bool

    private init(plain: StaticString, delimiters: StaticString, isForm: Bool = false) {
        let unreserved = PercentEncodeSet.none.adding(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        self.plain = unreserved.adding(plain)
        self.delimiters = PercentEncodeSet.none.adding(delimiters)
        self.isForm = isForm
    }

    /// RFC 3986 calls more characters reserved, yet no known site tells `/a(b)` from `/a%28b%29`.
    static let path = CanonicalEncoding(plain: "!'()*,:@$&=", delimiters: "/;+")
    /// Names and values of a query, between which `=` and `&` have been taken out: a space is `+`.
    static let form = CanonicalEncoding(plain: "!()*,:@$/?", delimiters: ";+", isForm: true)
    static let route = CanonicalEncoding(plain: "!'()*,:@$", delimiters: "/;+&=?")

    func canonical(_ text: Substring) -> String {
        let isCanonical = text.utf8.withContiguousStorageIfAvailable { bytes in
            for byte in bytes where !isLiteral(byte) { return false }
            return true
        }
        return isCanonical == true ? String(text) : rewritten(Array(text.utf8))
    }

    private func isLiteral(_ byte: UInt8) -> Bool {
        byte < 128 && (plain.contains(byte) || delimiters.contains(byte))
    }

    private func rewritten(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 16)
        var index = 0
        while index < bytes.count {
            if let byte = PercentEncoding.escapedByte(in: bytes, at: index) {
                appendEscaped(byte, to: &output)
                index += 3
            } else {
                appendRaw(bytes[index], to: &output)
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        if byte == .space, isForm {
            output.append(.plus)
        } else if byte < 128, plain.contains(byte) {
            output.append(byte)
        } else {
            PercentEncoding.append(byte, to: &output)
        }
    }

    private func appendRaw(_ byte: UInt8, to output: inout [UInt8]) {
        if isLiteral(byte) { output.append(byte) } else { PercentEncoding.append(byte, to: &output) }
    }
}
