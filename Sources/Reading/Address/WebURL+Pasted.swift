extension WebURL {
    /// An address as people type and paste it: with space or angle brackets around it, or without
    /// a scheme (`example.com/x`, `localhost:8080`), where https is meant. The standard's own
    /// parser takes neither.
    public init?(pasted text: String) {
        var text = text[...]
        while let first = text.first, first.isWhitespace || first == "<" { text.removeFirst() }
        while let last = text.last, last.isWhitespace || last == ">" { text.removeLast() }
        if Self.startsWithHost(text), let url = WebURL("https://\(text)") {
            self = url
        } else if text.hasPrefix("//"), let url = WebURL("https:\(text)") {
            self = url
        } else {
            self.init(String(text))
        }
    }

    /// Whether the text in front of the first `/`, `?` or `#` is a host with an optional port. A
    /// scheme never is: what follows its colon is no port, or there is no dot in it.
    private static func startsWithHost(_ text: Substring) -> Bool {
        let head = text.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let parts = head.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, !head.contains("@"), !head.contains(where: \.isWhitespace) else {
            return false
        }
        if parts.count == 2, parts[1].isEmpty || !parts[1].utf8.allSatisfy(\.isASCIIDigit) { return false }
        if host.lowercased() == "localhost" { return true }
        let labels = host.split(separator: ".")
        guard labels.count >= 2, let top = labels.last else { return false }
        let isAddress = labels.count == 4 && labels.allSatisfy { $0.utf8.allSatisfy(\.isASCIIDigit) }
        return isAddress || (top.utf8.count >= 2 && top.contains(where: \.isLetter))
    }
}
