/// A web address taken apart for the rules of identity; all text is in its canonical encoding.
struct AddressParts: Sendable {
    /// Without `www.` and a final dot.
    var host: String
    var port: Int?
    /// Starts with `/` and ends with one only at the root.
    var path: String
    var query: [QueryItem]
    /// Only a fragment that names a page of its own.
    var fragment: String?

    struct QueryItem: Sendable, Equatable {
        var name: String
        /// nil where there is no `=`.
        var value: String?
    }

    init?(_ url: WebURL) {
        guard url.isWeb, url.layout.hasHost else { return nil }
        host = HostName.bare(url.slice(url.layout.hostStart, url.layout.hostEnd))
        // Every key is https, whose own port may stand in an http address.
        port = url.port == 443 ? nil : url.port
        path = Self.withoutTrailingSlash(
            CanonicalEncoding.path.canonical(url.slice(url.layout.pathStart, url.pathEnd)))
        query = url.layout.queryStart < 0 ? [] : Self.items(url.slice(url.layout.queryStart + 1, url.queryEnd))
        fragment = url.layout.fragmentStart < 0 ? nil : String(url.slice(url.layout.fragmentStart + 1, url.layout.end))
    }

    /// nil only where a rule made a host that is none, which the caller answers by ignoring the rule.
    var url: WebURL? { WebURL(text) }

    /// The same where only the rules for all sites were applied: what they leave needs no parsing,
    /// except for dot segments.
    var urlOfKnownHost: WebURL? {
        let text = text
        guard !text.utf8.contains("/.") else { return WebURL(text) }
        var layout = WebURL.Layout()
        layout.schemeEnd = 5
        layout.hasHost = true
        layout.usernameEnd = 8
        layout.hostStart = 8
        layout.hostEnd = 8 + Int32(host.utf8.count)
        layout.pathStart = layout.hostEnd
        if let port {
            layout.port = Int32(port)
            layout.pathStart += 1 + Int32(String(port).utf8.count)
        }
        layout.end = Int32(text.utf8.count)
        if let fragment { layout.fragmentStart = layout.end - 1 - Int32(fragment.utf8.count) }
        if !query.isEmpty { layout.queryStart = layout.pathStart + Int32(path.utf8.count) }
        return WebURL(href: text, layout: layout)
    }

    private var text: String {
        var text = "https://"
        text += host
        if let port { text += ":\(port)" }
        text += path
        Self.append(query, to: &text)
        if let fragment {
            text += "#"
            text += fragment
        }
        return text
    }
}

extension AddressParts {
    static func items(_ query: Substring) -> [QueryItem] {
        query.utf8.split(separator: UInt8(ascii: "&")).map { piece in
            let piece = Substring(piece)
            guard let equals = piece.utf8.firstIndex(of: UInt8(ascii: "=")) else {
                return QueryItem(name: CanonicalEncoding.form.canonical(piece), value: nil)
            }
            return QueryItem(
                name: CanonicalEncoding.form.canonical(piece[..<equals]),
                value: CanonicalEncoding.form.canonical(piece[piece.utf8.index(after: equals)...]))
        }
    }

    static func append(_ items: [QueryItem], to text: inout String) {
        var separator = "?"
        for item in items {
            text += separator
            text += item.name
            if let value = item.value {
                text += "="
                text += value
            }
            separator = "&"
        }
    }

    static func withoutTrailingSlash(_ path: String) -> String {
        var path = path
        while path.utf8.count > 1, path.utf8.last == .slash { path.removeLast() }
        return path.isEmpty ? "/" : path
    }

    /// By name; items of one name keep their order, which may mean something.
    static func sorted(_ items: [QueryItem]) -> [QueryItem] {
        guard items.count > 1 else { return items }
        return items.enumerated()
            .sorted { one, other in
                one.element.name == other.element.name
                    ? one.offset < other.offset : one.element.name < other.element.name
            }
            .map(\.element)
    }

    func value(of name: String) -> String? { query.first { $0.name == name }?.value }
}

extension String.UTF8View {
    fileprivate func contains(_ pair: StaticString) -> Bool {
        withContiguousStorageIfAvailable { bytes in
            for index in bytes.indices.dropLast()
            where bytes[index] == pair.utf8Start[0] && bytes[index + 1] == pair.utf8Start[1] {
                return true
            }
            return false
        } ?? true
    }
}
