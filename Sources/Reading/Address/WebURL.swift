import Foundation

/// An absolute address, parsed and serialised as the WHATWG URL Standard says
/// (https://url.spec.whatwg.org): what a browser would show for the same text.
///
/// The value is its serialisation plus the offsets of its components, so copying and comparing
/// cost as much as a string.
public struct WebURL: Sendable {
    /// The serialised address. Parsing it again gives the same value.
    public let href: String
    let layout: Layout

    /// Offsets into the UTF-8 of `href`.
    struct Layout: Sendable {
        var schemeEnd: Int32 = 0
        var usernameEnd: Int32 = 0
        var hostStart: Int32 = 0
        var hostEnd: Int32 = 0
        var port: Int32 = -1
        var pathStart: Int32 = 0
        /// Index of `?`, or -1.
        var queryStart: Int32 = -1
        /// Index of `#`, or -1.
        var fragmentStart: Int32 = -1
        var end: Int32 = 0
        var hasHost = false
        var hasOpaquePath = false
    }

    /// Parses `input`, against `base` where it is relative. nil where the standard says failure.
    public init?(_ input: String, base: WebURL? = nil) {
        var parser = WebURLParser(input, base: base)
        guard let parsed = parser.parse() else { return nil }
        self = parsed
    }

    /// - Parameter href: as the parser would serialise it.
    init(href: String, layout: Layout) {
        self.href = href
        self.layout = layout
    }
}

extension WebURL {
    /// Without the colon, in lower case.
    public var scheme: String { String(slice(0, layout.schemeEnd)) }
    /// Percent-encoded; empty where there is none.
    public var username: String {
        hasCredentials ? String(slice(layout.schemeEnd + 3, layout.usernameEnd)) : ""
    }
    /// Percent-encoded; empty where there is none.
    public var password: String {
        guard hasCredentials, layout.usernameEnd < layout.hostStart - 1 else { return "" }
        return String(slice(layout.usernameEnd + 1, layout.hostStart - 1))
    }
    /// The serialised host: a domain in ASCII, an IPv4 address, an IPv6 address in brackets, or an
    /// opaque host. nil where the address has none (`mailto:`), empty for `file:///`.
    public var hostname: String? {
        layout.hasHost ? String(slice(layout.hostStart, layout.hostEnd)) : nil
    }
    /// nil where it is the scheme's own port or not given.
    public var port: Int? { layout.port < 0 ? nil : Int(layout.port) }
    /// Host and port as they are written in the address.
    public var host: String {
        guard let hostname else { return "" }
        return port.map { "\(hostname):\($0)" } ?? hostname
    }
    /// Starts with `/` in every address with a special scheme.
    public var path: String { String(slice(layout.pathStart, pathEnd)) }
    /// Without the question mark; nil where there is no question mark.
    public var query: String? {
        guard layout.queryStart >= 0 else { return nil }
        return String(slice(layout.queryStart + 1, queryEnd))
    }
    /// Without the hash sign; nil where there is no hash sign.
    public var fragment: String? {
        guard layout.fragmentStart >= 0 else { return nil }
        return String(slice(layout.fragmentStart + 1, layout.end))
    }
    /// Whether the path is no list of segments (`mailto:ada@example.com`).
    public var hasOpaquePath: Bool { layout.hasOpaquePath }

    /// Whether this is an http or https address: the only ones that are saved or fetched.
    public var isWeb: Bool {
        let kind = SchemeKind(href.utf8.prefix(Int(layout.schemeEnd)))
        return kind == .http || kind == .https
    }

    /// `scheme://host:port`, or `null` where the standard calls the origin opaque.
    public var origin: String {
        switch SchemeKind(href.utf8.prefix(Int(layout.schemeEnd))) {
        case .http, .https, .ws, .wss, .ftp: return "\(scheme)://\(host)"
        case .file: return "null"
        case .other:
            guard scheme == "blob", let inner = WebURL(path), inner.isWeb else { return "null" }
            return inner.origin
        }
    }
}

extension WebURL {
    var hasCredentials: Bool { layout.hasHost && layout.hostStart > layout.schemeEnd + 3 }
    var pathEnd: Int32 { layout.queryStart >= 0 ? layout.queryStart : queryEnd }
    var queryEnd: Int32 { layout.fragmentStart >= 0 ? layout.fragmentStart : layout.end }

    /// The text between two offsets of the layout, which always lie on ASCII boundaries.
    func slice(_ from: Int32, _ to: Int32) -> Substring {
        let bytes = href.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: Int(from))
        return href[start..<bytes.index(start, offsetBy: Int(to - from))]
    }
}

extension WebURL: Hashable, CustomStringConvertible, Codable {
    public static func == (one: WebURL, other: WebURL) -> Bool { one.href == other.href }
    public func hash(into hasher: inout Hasher) { hasher.combine(href) }
    public var description: String { href }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let url = WebURL(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an absolute URL")
        }
        self = url
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(href)
    }
}
