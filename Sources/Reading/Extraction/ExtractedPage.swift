/// What a page is, as far as keeping it goes.
public enum PageKind: String, Sendable, Codable, CaseIterable {
    case article, listing, forum, product, docs, media
    /// An error's message, a sign-in form or a check for robots: not what the address stands for.
    case error, login
    case botCheck = "bot_check"

    /// Whether the page carries what its address promises.
    public var isContent: Bool {
        switch self {
        case .error, .login, .botCheck: false
        default: true
        }
    }
}

/// The readable part of a page and what the page says of itself.
public struct ExtractedPage: Sendable, Codable, Equatable {
    /// Empty where the page has none.
    public var title: String
    public var byline: String?
    public var siteName: String?
    public var excerpt: String?
    /// The language tag the page declares, as written.
    public var lang: String?
    /// As the page states it, ISO 8601 where the page does so.
    public var publishedAt: String?
    /// Absolute address of the picture that stands for the page.
    public var image: String?
    /// Plain text: paragraphs apart by a blank line, rows and list items by a line break, table
    /// cells by a tab, preformatted text as it is.
    public var text: String
    /// Markup that is safe to show, with absolute addresses.
    public var html: String
    public var wordCount: Int
    public var pageKind: PageKind

    public init(
        title: String = "", byline: String? = nil, siteName: String? = nil, excerpt: String? = nil,
        lang: String? = nil, publishedAt: String? = nil, image: String? = nil, text: String = "",
        html: String = "", wordCount: Int = 0, pageKind: PageKind = .article
    ) {
        self.title = title
        self.byline = byline
        self.siteName = siteName
        self.excerpt = excerpt
        self.lang = lang
        self.publishedAt = publishedAt
        self.image = image
        self.text = text
        self.html = html
        self.wordCount = wordCount
        self.pageKind = pageKind
    }
}

extension ExtractedPage {
    enum CodingKeys: String, CodingKey {
        case title, byline, excerpt, lang, image, text, html
        case siteName = "site_name"
        case publishedAt = "published_at"
        case wordCount = "word_count"
        case pageKind = "page_kind"
    }

    /// What a page does not say is written as `null`, so that the shape is always the same.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(title, forKey: .title)
        try container.encode(byline, forKey: .byline)
        try container.encode(siteName, forKey: .siteName)
        try container.encode(excerpt, forKey: .excerpt)
        try container.encode(lang, forKey: .lang)
        try container.encode(publishedAt, forKey: .publishedAt)
        try container.encode(image, forKey: .image)
        try container.encode(text, forKey: .text)
        try container.encode(html, forKey: .html)
        try container.encode(wordCount, forKey: .wordCount)
        try container.encode(pageKind, forKey: .pageKind)
    }
}
