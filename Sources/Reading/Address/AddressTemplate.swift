/// The other half of a rewrite: `/p/{id}` on the same host, or `youtube.com/watch?v={id}`.
struct AddressTemplate: Sendable {
    private let host: TextTemplate?
    private let path: TextTemplate
    private let query: TextTemplate?

    init(_ template: String) {
        let halves = template.split(separator: "?", maxSplits: 1)
        let slash = halves[0].firstIndex(of: "/") ?? halves[0].endIndex
        host = slash == halves[0].startIndex ? nil : TextTemplate(halves[0][..<slash])
        path = TextTemplate(halves[0][slash...])
        query = halves.count == 2 ? TextTemplate(halves[1]) : nil
    }

    /// Captures move between the encodings of paths and queries.
    func fill(_ parts: inout AddressParts, with captures: [String: String]) {
        if let host { parts.host = host.filled(with: captures, escaping: [:]) }
        parts.path = path.filled(with: captures, escaping: ["+": "%20", "?": "%3F"])
        if let query {
            let text = query.filled(with: captures, escaping: ["&": "%26", "=": "%3D"])
            parts.query += AddressParts.items(text[...])
        }
    }
}

/// Text with captures in braces.
private struct TextTemplate: Sendable {
    private enum Token: Sendable {
        case literal(Substring)
        case capture(String)
    }

    private let tokens: [Token]

    init(_ text: Substring) {
        var tokens: [Token] = []
        var rest = text
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            tokens.append(.literal(rest[..<open]))
            tokens.append(.capture(String(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        tokens.append(.literal(rest))
        self.tokens = tokens
    }

    func filled(with captures: [String: String], escaping escapes: [Character: String]) -> String {
        var text = ""
        for token in tokens {
            switch token {
            case .literal(let literal): text += literal
            case .capture(let name):
                for character in captures[name] ?? "" { text += escapes[character] ?? String(character) }
            }
        }
        return text
    }
}
