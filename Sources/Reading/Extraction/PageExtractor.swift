/// Takes the readable part and the metadata out of a web page.
public struct PageExtractor: Sendable {
    private let parser: HTMLParser

    public init(limits: MarkupLimits = MarkupLimits()) {
        parser = HTMLParser(limits: limits)
    }

    /// Never fails: a page that holds nothing gives an empty text.
    /// - Parameters:
    ///   - url: Where the page came from; relative addresses in it are resolved against this.
    ///   - httpStatus: The status it came with, which helps to tell an error's message from content.
    public func extract(html: String, url: WebURL?, httpStatus: Int? = nil) -> ExtractedPage {
        extract(utf8: Array(html.utf8), url: url, httpStatus: httpStatus)
    }

    /// Like ``extract(html:url:httpStatus:)``, for bytes that need not be valid UTF-8.
    public func extract(utf8: [UInt8], url: WebURL?, httpStatus: Int? = nil) -> ExtractedPage {
        let source = parser.parse(utf8)
        let linkedData = LinkedData(source)
        let page = readable(DocumentPreparation.prepared(source))
        let tags = MetaTags(page)
        let metadata = PageMetadata(document: page, linkedData: linkedData, tags: tags)
        let signals = PageSignals(source: source, page: page, linkedData: linkedData, tags: tags, url: url)
        let choice = ContentChoice(page: page, metadata: metadata)
        let kind = choice.kind(signals, linkedData: linkedData, httpStatus: httpStatus)
        let links = LinkResolver(base: Self.base(of: page, url: url))
        var result = ExtractedPage(title: metadata.title ?? "", pageKind: kind)
        result.byline = (metadata.byline.filled ?? choice.byline).map(UTF8Text.folded).filled
        result.siteName = metadata.siteName.map(UTF8Text.folded).filled
        result.excerpt = metadata.excerpt.map(UTF8Text.folded).filled
        result.publishedAt = metadata.publishedAt.filled
        result.image = metadata.image.filled.flatMap(links.resource)
        result.lang = page.htmlElement.flatMap { page.filled(.lang, $0) ?? page.filled(.xmlLang, $0) }
        if let content = choice.content(for: kind) { Self.add(content, to: &result, links: links) }
        let stated = StatedText.replacement(
            for: result.text, kind: kind, linkedData: linkedData, excerpt: result.excerpt)
        if let stated { Self.add(stated, to: &result) }
        return result
    }

    private func readable(_ page: HTMLDocument) -> HTMLDocument {
        var page = page
        ConsentBanners.remove(from: &page)
        // Measured once here for everything that starts from this page.
        _ = page.measure(page.body ?? HTMLDocument.root)
        return page
    }

    private static func base(of page: HTMLDocument, url: WebURL?) -> WebURL? {
        let element = page.descendants(of: HTMLDocument.root, [.base]).first { page.filled(.href, $0) != nil }
        return element.flatMap { page.attribute(.href, $0) }.flatMap { WebURL($0, base: url) } ?? url
    }

    private static func add(_ article: ArticleFinder.Article, to result: inout ExtractedPage, links: LinkResolver) {
        let document = article.document
        result.text = PlainTextWriter.text(of: article.content, in: document)
        result.html = HTMLWriter.markup(of: article.content, in: document, links: links)
        result.wordCount = WordCount.words(in: result.text)
        if result.excerpt == nil {
            result.excerpt = document.firstDescendant(of: article.content, [.p]).map(document.foldedText).filled
        }
    }

    private static func add(_ text: String, to result: inout ExtractedPage) {
        result.text = text
        result.html = HTMLWriter.paragraphs(of: text) + result.html
        result.wordCount = WordCount.words(in: text)
    }
}
