/// Cookie walls and consent banners: no page is about them, and on short pages they would win over
/// the content.
enum ConsentBanners {
    private static let containers: TagSet = [.div, .section, .aside, .form, .dialog, .footer, .header, .p, .unknown]
    private static let structure: TagSet = [.main, .article, .h1]

    static func remove(from document: inout HTMLDocument) {
        guard let body = document.body else { return }
        let whole = document.measure(body).length
        var next = document.followingElement(body, within: body)
        while let node = next {
            let isBanner = isBanner(node, in: &document, whole: whole)
            next = document.followingElement(node, within: body, skippingChildren: isBanner)
            if isBanner { document.detach(node) }
        }
    }

    private static func isBanner(_ node: NodeID, in document: inout HTMLDocument, whole: Int) -> Bool {
        guard document[node].traits.contains(.consent), containers.contains(document.tag(node)) else { return false }
        // A class on a wrapper of the page may say that a banner is open.
        guard document.firstDescendant(of: node, structure) == nil else { return false }
        let length = document.measure(node).length
        return length < max(400, whole * 2 / 3) && mentionsConsent(node, document)
    }

    private static let subjects: PhraseSet = [
        "cookie", "consent", "privacy", "datenschutz", "gdpr", "partners", "rgpd",
    ]

    private static func mentionsConsent(_ node: NodeID, _ document: HTMLDocument) -> Bool {
        !document.hasText(node) || subjects.occurs(in: document.textPrefix(node, limit: 2_000).lowercased())
    }
}
