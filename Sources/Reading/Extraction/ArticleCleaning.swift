/// Takes out of a found article what stands in it but does not belong to it.
struct ArticleCleaning {
    private var document: HTMLDocument
    private let article: NodeID
    private let rules: ArticleFinder.Rules

    init(document: HTMLDocument, article: NodeID, rules: ArticleFinder.Rules) {
        self.document = document
        self.article = article
        self.rules = rules
    }

    mutating func run() -> ArticleFinder.Article {
        DataTables.mark(in: article, of: &document)
        LazyImages.fix(in: article, of: &document)
        cleanConditionally(.form)
        cleanConditionally(.fieldset)
        removeUnlessVideo([.object, .embed])
        document.remove([.footer, .link, .aside], in: article)
        removeShareLinks()
        removeUnlessVideo([.iframe])
        document.remove([.input, .textarea, .select, .button], in: article)
        removeWeakHeadings()
        // Last, because what went before changes what these weigh.
        cleanConditionally(.table)
        cleanConditionally(.ul)
        cleanConditionally(.div)
        tidy()
        let measure = document.measure(article)
        return ArticleFinder.Article(document: document, content: article, measure: measure)
    }

    private mutating func removeUnlessVideo(_ tags: TagSet) {
        document.remove(tags, in: article) { document, node in !document.isVideo(node) }
    }

    private mutating func removeShareLinks() {
        for part in document.childElements(article) {
            var next = document.followingElement(part, within: part)
            while let node = next {
                let isShare =
                    document[node].traits.contains(.sharing)
                    && document.measure(node).rawUnits < ArticleFinder.sufficientLength
                next = document.followingElement(node, within: part, skippingChildren: isShare)
                if isShare { document.detach(node) }
            }
        }
    }

    private mutating func removeWeakHeadings() {
        guard rules.contains(.weighNames) else { return }
        document.remove([.h1, .h2], in: article) { document, heading in document[heading].traits.weight < 0 }
    }

    private mutating func cleanConditionally(_ tag: HTMLTag) {
        guard rules.contains(.cleanConditionally) else { return }
        let judge = FragmentJudge(tag: tag, weighsNames: rules.contains(.weighNames))
        document.remove([tag], in: article) { document, node in judge.isClutter(node, in: &document) }
    }

    // MARK: - Tidying

    private mutating func tidy() {
        for heading in document.descendants(of: article, [.h1]) { document.rename(heading, to: .h2) }
        document.remove([.p], in: article) { document, paragraph in
            let measure = document.measure(paragraph)
            return measure.units == 0 && measure.images == 0 && measure.embeds == 0
        }
        document.remove([.br], in: article) { document, lineBreak in
            var next = document.next(lineBreak)
            while let node = next, document.isText(node), document.isBlank(node) { next = document.next(node) }
            return next.map(document.tag) == .p
        }
        for table in document.descendants(of: article, [.table]) { unwrapSingleCell(table) }
    }

    private mutating func unwrapSingleCell(_ table: NodeID) {
        let body = document.onlyChild(of: table, .tbody) ?? table
        guard let row = document.onlyChild(of: body, .tr), let cell = document.onlyChild(of: row, .td) else { return }
        let isParagraph = document.children(cell).allSatisfy(document.isPhrasing)
        document.rename(cell, to: isParagraph ? .p : .div)
        document.replace(table, with: cell)
    }
}
