/// The schema.org descriptions a page carries as JSON-LD.
struct LinkedData {
    /// Every described thing, those inside `@graph` too, in the page's order.
    private(set) var things: [JSONValue] = []
    /// The article the page says it is.
    private(set) var article: JSONValue?

    init(_ document: HTMLDocument) {
        for script in document.descendants(of: HTMLDocument.root, [.script])
        where document.attribute(.type, script)?.lowercased() == "application/ld+json" {
            guard let value = Self.parse(document.textContent(script)) else { continue }
            let found = value.each.flatMap(Self.unfolded)
            things.append(contentsOf: found)
            if article == nil { article = found.first(where: Self.isArticle) }
        }
    }

    private static func parse(_ text: String) -> JSONValue? {
        var json = UTF8Text.trimmed(text)
        if json.hasPrefix("<![CDATA[") { json.removeFirst(9) }
        if json.hasSuffix("]]>") { json.removeLast(3) }
        if let value = JSONValue(parsing: json) { return value }
        // Line breaks inside strings are the usual mistake.
        return JSONValue(parsing: String(json.map { $0.isNewline || $0 == "\t" ? " " : $0 }))
    }

    private static func unfolded(_ value: JSONValue) -> [JSONValue] {
        guard let graph = value["@graph"]?.elements else { return [value] }
        return value["@type"] == nil ? graph : [value] + graph
    }

    var types: Set<String> { Set(things.flatMap(Self.types)) }

    func first(ofType wanted: Set<String>) -> JSONValue? {
        things.first { !wanted.isDisjoint(with: Self.types(of: $0)) }
    }

    static func types(of thing: JSONValue) -> [String] {
        (thing["@type"]?.each ?? []).compactMap(\.string).map { type in
            type.split(separator: "/").last.map(String.init) ?? type
        }
    }

    /// https://schema.org/Article and what derives from it.
    private static let articleTypes = [
        "AdvertiserContentArticle", "NewsArticle", "AnalysisNewsArticle", "AskPublicNewsArticle",
        "BackgroundNewsArticle", "OpinionNewsArticle", "ReportageNewsArticle", "ReviewNewsArticle",
        "Report", "SatiricalArticle", "ScholarlyArticle", "MedicalScholarlyArticle",
        "SocialMediaPosting", "BlogPosting", "LiveBlogPosting", "DiscussionForumPosting",
        "TechArticle", "APIReference", "Article",
    ]

    private static func isArticle(_ thing: JSONValue) -> Bool {
        types(of: thing).contains { articleTypes.contains($0) || $0.hasSuffix("Article") }
    }
}

extension LinkedData {
    /// What a thing says of itself. `pageTitle` settles which of two differing names is the title:
    /// some sites put their own name where the article's belongs.
    static func metadata(of thing: JSONValue, pageTitle: () -> String) -> PageMetadata {
        var metadata = PageMetadata()
        metadata.title = title(of: thing, pageTitle: pageTitle)
        metadata.byline = byline(of: thing)
        metadata.excerpt = thing["description"]?.string.map(UTF8Text.trimmed)
        metadata.siteName = thing["publisher"]?["name"]?.string.map(UTF8Text.trimmed)
        metadata.publishedAt = thing["datePublished"]?.string.map(UTF8Text.trimmed)
        metadata.image = address(of: thing["image"] ?? thing["thumbnailUrl"])
        return metadata
    }

    private static func title(of thing: JSONValue, pageTitle: () -> String) -> String? {
        let name = thing["name"]?.string
        let headline = thing["headline"]?.string
        guard let name, let headline, name != headline else { return (name ?? headline).map(UTF8Text.trimmed) }
        let title = pageTitle()
        let isName = TitleSimilarity.of(name, to: title) > 0.75
        let isHeadline = TitleSimilarity.of(headline, to: title) > 0.75
        return isHeadline && !isName ? headline : name
    }

    private static func byline(of thing: JSONValue) -> String? {
        guard let author = thing["author"] else { return nil }
        let names = author.each.compactMap { $0["name"]?.string }.map(UTF8Text.trimmed)
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private static func address(of image: JSONValue?) -> String? {
        guard let first = image?.each.first else { return nil }
        return first.string ?? first["url"]?.string ?? first["contentUrl"]?.string
    }
}
