/// What is left of a page without its frame: navigation, headers, footers, forms and other parts
/// that every page of a site has. For pages that are no article, whose paragraphs are too short or
/// too many for scoring.
struct MainContent {
    private var document: HTMLDocument
    private let body: NodeID
    private let title: String
    private let keepsLinkLists: Bool

    /// - Parameter keepsLinkLists: Whether lists of links are content, as on an index page.
    static func find(in page: HTMLDocument, title: String, keepsLinkLists: Bool) -> ArticleFinder.Article? {
        guard let body = page.body else { return nil }
        var content = MainContent(document: page, body: body, title: title, keepsLinkLists: keepsLinkLists)
        return content.run()
    }

    private init(document: HTMLDocument, body: NodeID, title: String, keepsLinkLists: Bool) {
        self.document = document
        self.body = body
        self.title = title
        self.keepsLinkLists = keepsLinkLists
    }

    private mutating func run() -> ArticleFinder.Article? {
        removeFrame()
        let main = centre()
        DataTables.mark(in: main, of: &document)
        LazyImages.fix(in: main, of: &document)
        document.remove([.input, .textarea, .select, .button, .object, .embed], in: main) { document, node in
            !document.isVideo(node)
        }
        removeLinkLists(in: main)
        removeEmpty(in: main)
        let measure = document.measure(main)
        return measure.length == 0 ? nil : ArticleFinder.Article(document: document, content: main, measure: measure)
    }

    // MARK: - The frame

    private static let frameRoles: Set<String> = [
        "navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar",
        "complementary", "alert",
    ]
    private static let framed: TagSet = [
        .div, .section, .aside, .ul, .ol, .dl, .table, .header, .footer, .form, .nav, .unknown, .p, .span, .a,
    ]

    private mutating func removeFrame() {
        let whole = document.measure(body).length
        var hasTitle = false
        var next = document.followingElement(body, within: body)
        while let node = next {
            let isTitle = !hasTitle && repeatsTitle(node)
            hasTitle = hasTitle || isTitle
            let isFrame = isTitle || Visibility.isHidden(node, in: document) || isFrame(node, whole: whole)
            next = document.followingElement(node, within: body, skippingChildren: isFrame)
            if isFrame { document.detach(node) }
        }
    }

    private func repeatsTitle(_ node: NodeID) -> Bool {
        document.tag(node) == .h1 && TitleSimilarity.of(title, to: document.textContent(node)) > 0.75
    }

    private mutating func isFrame(_ node: NodeID, whole: Int) -> Bool {
        let tag = document.tag(node)
        switch tag {
        case .nav, .dialog, .menu: return true
        case .header where isOutsideContent(node), .footer where isOutsideContent(node):
            return isMinor(node, whole: whole)
        case .aside where isOutsideContent(node): return true
        case .form: return isFormOfFields(node)
        default: break
        }
        if let role = document.attribute(.role, node), Self.frameRoles.contains(role) {
            return isMinor(node, whole: whole)
        }
        guard Self.framed.contains(tag), document[node].traits.contains(.frame) else { return false }
        return isMinor(node, whole: whole) && !isOwnPart(node)
    }

    /// What holds a great part of the page is content, whatever it is called.
    private mutating func isMinor(_ node: NodeID, whole: Int) -> Bool {
        document.measure(node).length * 3 < whole && document.firstDescendant(of: node, [.main]) == nil
    }

    /// A paragraph of running text is no part of a frame.
    private mutating func isOwnPart(_ node: NodeID) -> Bool {
        let measure = document.measure(node)
        // A section's id is made of its heading, which may well be "Search".
        if document.tag(node) == .section { return measure.linkDensity < 0.2 && measure.paragraphs > 0 }
        return measure.length > 400 && measure.linkDensity < 0.1
    }

    private func isOutsideContent(_ node: NodeID) -> Bool {
        !document.ancestors(node).contains { [.main, .article, .section, .blockquote].contains(document.tag($0)) }
    }

    private mutating func isFormOfFields(_ node: NodeID) -> Bool {
        let measure = document.measure(node)
        return measure.length < 600 && measure.inputs > 0
    }

    // MARK: - The centre

    /// The element meant for the main content where it holds at least half of the text, or the
    /// only article in it where that holds most of it.
    private mutating func centre() -> NodeID {
        let marked = document.descendants(of: body, [.main]) + elements(withRole: "main")
        let half = document.measure(body).length / 2
        let main = marked.first { document.measure(ofMeasured: $0).length > half } ?? body
        let articles = document.descendants(of: main, [.article])
        let most = document.measure(main).length * 3 / 5
        guard articles.count == 1, document.measure(articles[0]).length > most else { return main }
        return articles[0]
    }

    private func elements(withRole role: String) -> [NodeID] {
        var found: [NodeID] = []
        var next = document.followingElement(body, within: body)
        while let node = next {
            if document.attribute(.role, node, is: role) { found.append(node) }
            next = document.followingElement(node, within: body)
        }
        return found
    }

    // MARK: - Lists of links

    private static let linkBlocks: TagSet = [.ul, .ol, .dl, .div, .section, .table, .p, .aside, .header, .footer]

    private mutating func removeLinkLists(in main: NodeID) {
        let whole = document.measure(main).length
        let keepsTitles = keepsLinkLists
        document.remove(Self.linkBlocks, in: main) { document, node in
            let measure = document.measure(node)
            guard measure.length > 0, measure.length * 2 < whole, measure.images < 2 else { return false }
            if document[node].isDataTable || measure.dataTables > 0 { return false }
            if document.hasAncestor(node, .li, within: 2) || document.hasAncestor(node, .td, within: 2) { return false }
            if keepsTitles, !Self.isMenu(measure) { return false }
            // One linked name is often the author or the heading of what follows.
            return measure.linkDensity > 0.75 && (measure.items > 2 || measure.linkLength > 80)
        }
    }

    /// The entries of a menu are words, those of an index are titles.
    private static func isMenu(_ measure: ContentMeasure) -> Bool {
        measure.items > 2 && measure.length / Int(measure.items) < 20
    }

    /// Marks beside headings that link to the heading itself.
    private static let permalinks: Set<String> = ["#", "¶", "§", "🔗", "∞", "Copy", "Link"]

    private mutating func removeEmpty(in main: NodeID) {
        document.remove([.a], in: main) { document, link in
            let length = document.measure(link).length
            guard (1...4).contains(length), document.attribute(.href, link)?.first == "#" else { return false }
            return Self.permalinks.contains(document.foldedText(link))
        }
        document.remove([.p, .div, .section, .ul, .ol, .li, .span, .header, .a, .figure], in: main) { document, node in
            let measure = document.measure(node)
            return measure.units == 0 && measure.images == 0 && measure.embeds == 0
        }
    }
}
