/// Text that a page carries in its description instead of its body: pages that scripts draw, and
/// pages about a film or a product.
enum StatedText {
    /// A page that shows less text than this may say more in its description.
    private static let little = 200

    /// What to read where the page itself shows only `text`; nil where that is enough.
    static func replacement(
        for text: String, kind: PageKind, linkedData: LinkedData, excerpt: String?
    ) -> String? {
        guard kind.isContent, text.utf16.count < little else { return nil }
        if let body = body(in: linkedData), body.utf16.count > 2 * text.utf16.count { return body }
        guard let excerpt, !text.contains(excerpt) else { return nil }
        if text.isEmpty { return excerpt }
        return kind == .media || kind == .product ? "\(excerpt)\n\n\(text)" : nil
    }

    private static func body(in data: LinkedData) -> String? {
        for thing in data.things {
            for key in ["articleBody", "reviewBody", "text", "transcript", "description"] {
                guard let value = thing[key]?.string, value.utf16.count >= little else { continue }
                return plain(CharacterReferences.decoded(value))
            }
        }
        return nil
    }

    /// Descriptions may be markup.
    private static func plain(_ text: String) -> String {
        guard text.contains("<") else { return UTF8Text.trimmed(text) }
        let document = HTMLParser().parseFragment(Array(text.utf8))
        return PlainTextWriter.text(of: HTMLDocument.root, in: document)
    }
}
