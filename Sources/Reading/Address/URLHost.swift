/// The host parser of https://url.spec.whatwg.org/#host-parsing.
enum URLHost {
    private static let forbiddenInHost = PercentEncodeSet.only("\0\t\n\r #/:<>?@[\\]^|")
    private static let forbiddenInDomain = PercentEncodeSet(controlsAnd: " #/:<>?@[\\]^|%")

    /// Appends the serialised host to `output`.
    /// - Returns: false where `text` is no host; `output` may then hold a part of it.
    static func append(_ text: ArraySlice<UInt8>, isSpecial: Bool, to output: inout [UInt8]) -> Bool {
        if text.first == .openBracket {
            guard text.last == .closeBracket, text.count > 2,
                let address = IPv6Text(parsing: text.dropFirst().dropLast())
            else { return false }
            output.append(contentsOf: "[\(address.serialised)]".utf8)
            return true
        }
        guard isSpecial else { return appendOpaque(text, to: &output) }
        return appendDomain(text, to: &output)
    }

    private static func appendOpaque(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) -> Bool {
        guard !text.contains(where: { $0 < 128 && forbiddenInHost.contains($0) }) else { return false }
        PercentEncoding.append(text, encoding: .c0Control, to: &output)
        return true
    }

    private static func appendDomain(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) -> Bool {
        let start = output.count
        if isPlain(text) {
            for byte in text { output.append(byte.lowercasedASCII) }
        } else {
            guard let domain = DomainName.ascii(PercentEncoding.decoded(text)) else { return false }
            output.append(contentsOf: domain)
        }
        let domain = output[start...]
        guard !domain.isEmpty, !domain.contains(where: { forbiddenInDomain.contains($0) }) else { return false }
        guard IPv4Text.endsInNumber(domain) else { return true }
        guard let address = IPv4Text(parsing: domain) else { return false }
        output.removeLast(output.count - start)
        output.append(contentsOf: address.serialised.utf8)
        return true
    }

    /// Whether the domain needs nothing but lower case: ASCII without escapes and Punycode.
    private static func isPlain(_ text: ArraySlice<UInt8>) -> Bool {
        for index in text.indices {
            let byte = text[index]
            if byte > 127 || byte == .percent { return false }
            if byte == .hyphen, index >= text.startIndex + 3, text[index - 1] == .hyphen,
                text[index - 2] | 0x20 == UInt8(ascii: "n"), text[index - 3] | 0x20 == UInt8(ascii: "x")
            {
                return false
            }
        }
        return true
    }
}

extension PercentEncodeSet {
    /// A set without the controls, for lists of forbidden code points.
    fileprivate static func only(_ characters: StaticString) -> PercentEncodeSet {
        PercentEncodeSet.none.adding(characters)
    }
}
