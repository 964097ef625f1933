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
        var result = Self.described(metadata, byline: choice.byline, kind: kind, links: links)
        result.lang = page.htmlElement.flatMap { page.filled(.lang, $0) ?? page.filled(.xmlLang, $0) }
        if let content = choice.content(for: kind) { Self.add(content, to: &result, links: links) }
        let stated = StatedText.replacement(
            for: result.text, kind: kind, linkedData: linkedData, excerpt: result.excerpt)
        if let stated { Self.add(stated, to: &result) }
        return result
    }

    private static func described(
        _ metadata: PageMetadata, byline: String?, kind: PageKind, links: LinkResolver
    ) -> ExtractedPage {
        ExtractedPage(
            title: UTF8Text.bounded(metadata.title ?? "", to: longestTitle),
            byline: line(metadata.byline.filled ?? byline), siteName: line(metadata.siteName),
            excerpt: line(metadata.excerpt), publishedAt: line(metadata.publishedAt),
            image: metadata.image.filled.flatMap(links.resource), pageKind: kind)
    }

    private static let longestTitle = 2_000
    private static let longestExcerpt = 5_000

    private static func line(_ value: String?) -> String? {
        value.map { UTF8Text.bounded(UTF8Text.folded($0), to: longestExcerpt) }.filled
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
            result.excerpt = line(document.firstDescendant(of: article.content, [.p]).map(document.textContent))
        }
    }

    private static func add(_ text: String, to result: inout ExtractedPage) {
        result.text = text
        result.html = HTMLWriter.paragraphs(of: text) + result.html
        result.wordCount = WordCount.words(in: text)
    }
}
