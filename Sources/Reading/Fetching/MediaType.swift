/// What kind of content a body is, by the site's word and by its first bytes.
enum MediaType {
    /// How many bytes recognition looks at (the WHATWG MIME Sniffing standard's resource header).
    static let sniffLength = 1_445

    /// The essence of a `Content-Type` value: lower case, no parameters; nil where it names none.
    static func essence(of contentType: String) -> String? {
        let essence = contentType.prefix { $0 != ";" && $0 != "," }
            .trimmingPrefix { $0.isWhitespace }
            .prefix { !$0.isWhitespace }.lowercased()
        let halves = essence.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty }) else { return nil }
        return essence
    }

    /// The media type to treat a body as.
    ///
    /// The site's word counts unless it says nothing (`application/octet-stream`), or calls a
    /// file text that plainly is none, as misconfigured servers do.
    static func recognise(declared: String?, start: some Collection<UInt8>) -> String {
        let bytes = Array(start.prefix(sniffLength))
        guard let declared, !meaningless.contains(declared) else {
            return signature(of: bytes) ?? textKind(of: bytes)
        }
        if isText(declared), let found = signature(of: bytes) { return found }
        return declared
    }

    /// Whether a body of this type is worth decoding as text.
    static func isText(_ type: String) -> Bool {
        type.hasPrefix("text/") || type.hasSuffix("+xml") || type.hasSuffix("+json")
            || textTypes.contains(type)
    }

    static func isHTML(_ type: String) -> Bool {
        type == "text/html" || type == "application/xhtml+xml"
    }

    static func isXML(_ type: String) -> Bool {
        type == "text/xml" || type == "application/xml" || type.hasSuffix("+xml")
    }

    /// Whether anything in the product reads the whole body.
    static func isReadInFull(_ type: String) -> Bool {
        isText(type) || type == "application/pdf" || type.hasPrefix("image/")
    }

    private static let meaningless: Set<String> = [
        "application/octet-stream", "binary/octet-stream", "application/unknown", "unknown/unknown",
        "application/x-unknown", "application/force-download", "application/download", "*/*",
    ]

    private static let textTypes: Set<String> = [
        "application/json", "application/xml", "application/xhtml", "application/javascript",
        "application/ecmascript", "application/x-javascript", "application/yaml",
        "application/x-yaml", "application/toml", "application/x-ndjson", "application/markdown",
    ]

    private static func textKind(of bytes: [UInt8]) -> String {
        if let type = markup(in: bytes) { return type }
        let hasUTF16Mark = bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE])
        if !hasUTF16Mark, bytes.contains(where: isBinary) { return "application/octet-stream" }
        return "text/plain"
    }

    /// Control characters no text has (MIME Sniffing, "binary data byte").
    private static func isBinary(_ byte: UInt8) -> Bool {
        byte <= 0x08 || byte == 0x0B || (0x0E...0x1A).contains(byte) || (0x1C...0x1F).contains(byte)
    }

    private static func markup(in bytes: [UInt8]) -> String? {
        let afterMark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        let start = afterMark.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let text = String(decoding: start.prefix(64), as: UTF8.self).lowercased()
        if text.hasPrefix("<?xml") {
            let whole = String(decoding: start, as: UTF8.self).lowercased()
            return whole.contains("<html") ? "application/xhtml+xml" : "text/xml"
        }
        let isHTML = htmlOpenings.contains { opening in
            guard text.hasPrefix(opening) else { return false }
            let next = text.dropFirst(opening.count).first
            return opening == "<!--" || next == nil || next == ">" || next?.isWhitespace == true
        }
        return isHTML ? "text/html" : nil
    }

    private static let htmlOpenings = [
        "<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table",
        "<a", "<style", "<title", "<b", "<body", "<br", "<p", "<!--", "<meta", "<link", "<main",
        "<article", "<section", "<noscript",
    ]
}
