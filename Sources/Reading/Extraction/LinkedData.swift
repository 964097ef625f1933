/// The schema.org descriptions a page carries as JSON-LD.
struct LinkedData {
    /// Every described thing, those inside `@graph` too, in the page's order.
    private(set) var things: [JSONValue] = []
    /// The article the page says it is, in well-formed JSON-LD of schema.org.
    private(set) var article: JSONValue?

    init(_ document: HTMLDocument) {
        for script in document.descendants(of: HTMLDocument.root, [.script])
        where document.attribute(.type, script)?.lowercased() == "application/ld+json" {
            let json = Self.json(in: document.textContent(script))
            if let value = JSONValue(parsing: json) {
                add(value)
                if article == nil { article = Self.article(in: value) }
            } else if let value = JSONValue(parsing: Self.repaired(json)) {
                add(value)
            }
        }
    }

    private mutating func add(_ value: JSONValue) {
        for thing in value.each {
            let graph = thing["@graph"]?.elements ?? []
            if graph.isEmpty || thing["@type"] != nil { things.append(thing) }
            things.append(contentsOf: graph)
        }
    }

    private static func json(in text: String) -> String {
        var json = UTF8Text.trimmed(text)
        if json.hasPrefix("<![CDATA[") { json.removeFirst(9) }
        if json.hasSuffix("]]>") { json.removeLast(3) }
        return json
    }

    /// Line breaks inside strings are the usual mistake.
    private static func repaired(_ json: String) -> String {
        String(json.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    }

    private static func article(in value: JSONValue) -> JSONValue? {
        guard let described = value.elements.map(firstArticle) ?? value else { return nil }
        let context = described["@context"]?.string ?? described["@context"]?["@vocab"]?.string
        guard let context, isSchemaOrg(context) else { return nil }
        if described["@type"] == nil, let graph = described["@graph"]?.elements { return firstArticle(in: graph) }
        return firstArticle(in: [described])
    }

    /// Things of several types at once are described too loosely to come before the page's own
    /// tags, and so is what follows them.
    private static func firstArticle(in things: [JSONValue]) -> JSONValue? {
        let plain = things.prefix { $0["@type"] == nil || $0["@type"]?.string != nil }
        return plain.first(where: isArticle)
    }

    private static func isSchemaOrg(_ context: String) -> Bool {
        ["http", "https"].contains { context == "\($0)://schema.org" || context == "\($0)://schema.org/" }
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

    static func isArticle(_ thing: JSONValue) -> Bool {
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
