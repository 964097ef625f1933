import struct FoundationEssentials.Data

/// An address that only leads to another one, which it carries inside.
struct Redirector: Sendable {
    enum Source: Sendable {
        /// The first of these parameters that holds an address.
        case parameter([String])
        /// As above, where the address may be a path on the same site.
        case relativeParameter(String)
        /// The address with `:` and a signature behind it.
        case taggedParameter(String)
        case doublyEncodedParameter(String)
        /// URL-safe Base64 behind a prefix.
        case base64Parameter(String, prefix: String)
        /// The query as a whole.
        case query
        /// The capture `target`, with or without a scheme; the query belongs to it.
        case path
        /// A segment `RU=` and the encoded address.
        case yahooPath
        /// Proofpoint's second version: `-` for `%` and `_` for `/`.
        case proofpointParameter(String)
        /// Proofpoint's third version: `__address__;…`.
        case proofpointPath
    }

    let pattern: PathPattern
    let source: Source

    init(_ pattern: String, _ source: Source) {
        self.pattern = PathPattern(pattern)
        self.source = source
    }

    /// The web address inside, or nil where this is no redirector or holds none.
    /// - Parameter segments: those of the path of `url`.
    func target(in url: WebURL, segments: [Substring]) -> WebURL? {
        guard let captures = pattern.match(segments, query: []) else { return nil }
        let target =
            switch source {
            case .parameter(let names): names.lazy.compactMap { address(Self.value(of: $0, in: url)) }.first
            case .relativeParameter(let name): Self.value(of: name, in: url).flatMap { WebURL($0, base: url) }
            case .taggedParameter(let name): address(Self.value(of: name, in: url).map(Self.withoutTag))
            case .doublyEncodedParameter(let name): address(Self.value(of: name, in: url).map(Self.decoded))
            case .base64Parameter(let name, let prefix):
                address(Self.base64(Self.value(of: name, in: url), after: prefix))
            case .query: address(url.query) ?? address(url.query.map(Self.decoded))
            case .path: pathTarget(captures["target"], query: url.query)
            case .yahooPath:
                address(
                    url.path.split(separator: "/").first { $0.hasPrefix("RU=") }.map {
                        Self.decoded(String($0.dropFirst(3)))
                    })
            case .proofpointParameter(let name):
                address(Self.value(of: name, in: url).map(Self.proofpointDecoded))
            case .proofpointPath: address(Self.proofpointAddress(in: url))
            }
        return target.flatMap { $0.isWeb ? $0 : nil }
    }

    private func address(_ text: String?) -> WebURL? {
        guard let text, let url = WebURL(text), url.isWeb else { return nil }
        return url
    }

    private func pathTarget(_ text: String?, query: String?) -> WebURL? {
        guard let text else { return nil }
        let whole = text + (query.map { "?\($0)" } ?? "")
        if let url = address(whole) ?? address(Self.decoded(text)) { return url }
        guard let url = address("https://\(whole)"), url.hostname?.contains(".") == true else { return nil }
        return url
    }
}

extension Redirector {
    /// The percent-decoded value of a parameter.
    private static func value(of name: String, in url: WebURL) -> String? {
        url.query?.split(separator: "&").lazy
            .first { $0.utf8.count > name.utf8.count && $0.hasPrefix("\(name)=") }
            .map { decoded(String($0.dropFirst(name.count + 1))) }
    }

    private static func decoded(_ text: String) -> String {
        String(decoding: PercentEncoding.decoded(text.utf8), as: UTF8.self)
    }

    /// Without the last `:` where no port or scheme but a long word follows.
    private static func withoutTag(_ text: String) -> String {
        guard let colon = text.lastIndex(of: ":") else { return text }
        let tag = text[colon...].dropFirst()
        return tag.utf8.count >= 16 && tag.utf8.allSatisfy(\.isWordCharacter) ? String(text[..<colon]) : text
    }

    private static func base64(_ text: String?, after prefix: String) -> String? {
        guard let text, text.hasPrefix(prefix) else { return nil }
        var digits = text.dropFirst(prefix.count).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        while digits.count % 4 != 0 { digits.append("=") }
        return Data(base64Encoded: String(digits)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func proofpointDecoded(_ text: String) -> String {
        decoded(String(text.map { $0 == "-" ? "%" : $0 == "_" ? "/" : $0 }))
    }

    private static func proofpointAddress(in url: WebURL) -> String? {
        let text = url.path + (url.query.map { "?\($0)" } ?? "")
        guard let start = text.range(of: "/v3/__"), let end = text.range(of: "__;", from: start.upperBound)
        else { return nil }
        var address = String(text[start.upperBound..<end.lowerBound])
        // Proofpoint, like some mail gateways, folds the two slashes behind the scheme into one.
        for scheme in ["https:/", "http:/"] where address.hasPrefix(scheme) && !address.hasPrefix("\(scheme)/") {
            address.insert("/", at: address.index(address.startIndex, offsetBy: scheme.count))
        }
        return address
    }
}

extension String {
    fileprivate func range(of text: String, from start: Index? = nil) -> Range<Index>? {
        var index = start ?? startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
