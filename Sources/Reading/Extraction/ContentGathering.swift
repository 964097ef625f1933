/// One walk over the page that removes what is hidden or unlikely, turns loose text into
/// paragraphs and lists the elements to score.
struct ContentGathering {
    private(set) var document: HTMLDocument
    private(set) var paragraphs: [NodeID] = []
    private(set) var byline: String?

    private let title: String
    private let rules: ArticleFinder.Rules
    private var wantsByline: Bool
    private var wantsTitleHeading = true

    private static let scored: TagSet = [.section, .h2, .h3, .h4, .h5, .h6, .p, .td, .pre]
    private static let removedWhenEmpty: TagSet = [.div, .section, .header, .h1, .h2, .h3, .h4, .h5, .h6]
    private static let unlikelyRoles: Set<String> = [
        "menu", "menubar", "complementary", "navigation", "alert", "alertdialog", "dialog",
    ]

    init(document: HTMLDocument, title: String, rules: ArticleFinder.Rules, wantsByline: Bool) {
        self.document = document
        self.title = title
        self.rules = rules
        self.wantsByline = wantsByline
    }

    mutating func run() {
        let root = HTMLDocument.root
        var next = document.followingElement(root, within: root)
        while let node = next {
            if isRemovable(node) {
                next = document.followingElement(node, within: root, skippingChildren: true)
                document.detach(node)
                continue
            }
            if Self.scored.contains(document.tag(node)) { paragraphs.append(node) }
            let current = document.tag(node) == .div ? normalizeDivision(node) : node
            next = document.followingElement(current, within: root)
        }
    }

    // MARK: - What goes

    private mutating func isRemovable(_ node: NodeID) -> Bool {
        let tag = document.tag(node)
        // The page itself stays, whatever its scripts would have done with it.
        if tag == .html || tag == .body { return false }
        if Visibility.isHidden(node, in: document) || takeByline(node) || duplicatesTitle(node) { return true }
        if rules.contains(.dropUnlikely), isUnlikely(node) { return true }
        return Self.removedWhenEmpty.contains(tag) && document.isWithoutContent(node)
    }

    private func isUnlikely(_ node: NodeID) -> Bool {
        let traits = document[node].traits
        if traits.contains(.unlikely), !traits.contains(.perhapsContent), document.tag(node) != .a,
            !document.hasAncestor(node, .table, within: 4), !document.hasAncestor(node, .code, within: 4)
        {
            return true
        }
        guard let role = document.attribute(.role, node) else { return false }
        return Self.unlikelyRoles.contains(role)
    }

    /// Keeps the author's name; the element that held it is no part of the text.
    private mutating func takeByline(_ node: NodeID) -> Bool {
        guard wantsByline, isByline(node) else { return false }
        let source = namedAuthor(in: node) ?? node
        byline = UTF8Text.collapsed(document.textContent(source))
        wantsByline = byline?.isEmpty != false
        return true
    }

    private mutating func isByline(_ node: NodeID) -> Bool {
        let isMarked =
            document[node].traits.contains(.byline) || document.attribute(.rel, node, is: "author")
            || document.attribute(.itemprop, node)?.contains("author") == true
        guard isMarked, (1..<100).contains(document.measure(node).units) else { return false }
        let length = UTF8Text.trimmed(document.textContent(node)).utf16.count
        return length < 100
    }

    private func namedAuthor(in node: NodeID) -> NodeID? {
        var next = document.followingElement(node, within: node)
        while let current = next {
            if document.attribute(.itemprop, current)?.contains("name") == true { return current }
            next = document.followingElement(current, within: node)
        }
        return nil
    }

    /// The first heading that repeats the title: the title is shown apart from the text.
    private mutating func duplicatesTitle(_ node: NodeID) -> Bool {
        guard wantsTitleHeading, [.h1, .h2].contains(document.tag(node)) else { return false }
        guard TitleSimilarity.of(title, to: document.textContent(node)) > 0.75 else { return false }
        wantsTitleHeading = false
        return true
    }

    // MARK: - Divisions used as paragraphs

    /// The node that now stands where the division stood.
    private mutating func normalizeDivision(_ division: NodeID) -> NodeID {
        wrapLooseText(in: division)
        if let paragraph = document.onlyChild(of: division, .p), document.measure(division).linkDensity < 0.25 {
            document.replace(division, with: paragraph)
            paragraphs.append(paragraph)
            return paragraph
        }
        if !document.hasBlockInside(division) {
            document.rename(division, to: .p)
            paragraphs.append(division)
        }
        return division
    }

    private mutating func wrapLooseText(in division: NodeID) {
        var child = document.firstChild(division)
        while let current = child {
            guard document.isPhrasing(current) else {
                child = document.next(current)
                continue
            }
            var run: [NodeID] = []
            while let node = child, document.isPhrasing(node) {
                run.append(node)
                child = document.next(node)
            }
            wrap(run, in: division, before: child)
        }
    }

    private mutating func wrap(_ run: [NodeID], in division: NodeID, before next: NodeID?) {
        let isSpace = run.map(document.isWhitespace)
        let first = isSpace.firstIndex(of: false) ?? run.count
        for node in run[..<first] { document.detach(node) }
        guard let last = isSpace.lastIndex(of: false) else { return }
        for node in run[(last + 1)...] { document.detach(node) }
        let paragraph = document.makeElement(.p)
        document.insert(paragraph, into: division, before: next)
        for node in run[first...last] { document.insert(node, into: paragraph) }
    }
}

extension HTMLDocument {
    private static let blocksInDivision: TagSet = [
        .blockquote, .dl, .div, .img, .ol, .p, .pre, .table, .ul,
    ]

    func hasBlockInside(_ id: NodeID) -> Bool { firstDescendant(of: id, Self.blocksInDivision) != nil }

    /// The child element, where it is the only one, has this tag and no text stands beside it.
    func onlyChild(of id: NodeID, _ wanted: HTMLTag) -> NodeID? {
        guard let child = onlyElement(in: id), tag(child) == wanted else { return nil }
        return children(id).contains { isText($0) && !isBlank($0) } ? nil : child
    }

    /// No text, and no elements but line breaks and rules.
    mutating func isWithoutContent(_ id: NodeID) -> Bool {
        let measure = measure(id)
        guard measure.units == 0 else { return false }
        return childElements(id).count == Int(measure.breaks) || firstElement(in: id) == nil
    }
}
