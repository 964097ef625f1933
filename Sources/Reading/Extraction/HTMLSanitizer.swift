/// Makes markup from anywhere safe to show: an allow-list of elements and attributes, absolute web
/// addresses only, everything else left out.
public struct HTMLSanitizer: Sendable {
    private let parser: HTMLParser

    public init(limits: MarkupLimits = MarkupLimits()) {
        parser = HTMLParser(limits: limits)
    }

    /// Relative addresses are resolved against `base`; without one they are dropped.
    public func sanitize(_ html: String, base: WebURL?) -> String {
        let document = parser.parseFragment(Array(html.utf8))
        return HTMLWriter.markup(of: HTMLDocument.root, in: document, links: LinkResolver(base: base))
    }
}
