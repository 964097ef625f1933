/// What a page states about itself, from whichever vocabulary it uses.
struct PageMetadata {
    var title: String?
    var byline: String?
    var excerpt: String?
    var siteName: String?
    var publishedAt: String?
    var image: String?

    /// Takes from `other` what is not there yet.
    mutating func fill(from other: PageMetadata) {
        title = title.filled ?? other.title.filled
        byline = byline.filled ?? other.byline.filled
        excerpt = excerpt.filled ?? other.excerpt.filled
        siteName = siteName.filled ?? other.siteName.filled
        publishedAt = publishedAt.filled ?? other.publishedAt.filled
        image = image.filled ?? other.image.filled
    }
}

extension String? {
    /// The text where there is any.
    var filled: String? { self?.isEmpty == false ? self : nil }
}

extension PageMetadata {
    /// Precedence: the article described as JSON-LD, Dublin Core, OpenGraph, Weibo, plain names,
    /// Twitter, Parse.ly; what they leave open comes from other JSON-LD and from microdata.
    init(document: HTMLDocument, linkedData: LinkedData, tags: MetaTags) {
        let pageTitle = PageTitle(document)
        if let article = linkedData.article {
            self = LinkedData.metadata(of: article) { pageTitle.article }
        }
        fill(from: PageMetadata(tags: tags))
        title = title.filled ?? pageTitle.article
        unescape()
        fill(from: PageMetadata(otherThingsIn: linkedData))
        fill(from: PageMetadata(microdataIn: document))
        if title.filled == nil { title = Self.heading(in: document) }
    }

    private init(tags: MetaTags) {
        title = tags.first([
            "dc:title", "dcterm:title", "og:title", "weibo:article:title", "weibo:webpage:title", "title",
            "twitter:title", "parsely-title", "dcterms:title",
        ])
        let author = tags.first(["article:author"]).flatMap { WebURL($0) == nil ? $0 : nil }
        byline =
            tags.first(["dc:creator", "dcterm:creator", "author", "parsely-author"]) ?? author
            ?? tags.first(["dcterms:creator"])
        excerpt = tags.first([
            "dc:description", "dcterm:description", "og:description", "weibo:article:description",
            "weibo:webpage:description", "description", "twitter:description", "dcterms:description",
        ])
        siteName = tags.first(["og:site_name"])
        publishedAt = tags.first(["article:published_time", "parsely-pub-date"]) ?? tags.firstNamed(Self.dateNames)
        image = tags.firstNamed([
            "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src",
            "parsely-image-url", "thumbnail",
        ])
    }

    private static let dateNames = [
        "datepublished", "article:published", "og:published_time", "dc.date.issued", "dc.date.created",
        "dcterms.issued", "dcterms.created", "dcterms.date", "dc.date", "dc:date", "citation_publication_date",
        "citation_date", "pubdate", "publishdate", "publish-date", "publication_date", "sailthru.date", "date",
    ]

    /// From a page that is described as something else than an article, or loosely as one.
    private init(otherThingsIn data: LinkedData) {
        let kinds: Set<String> = [
            "Product", "Recipe", "VideoObject", "QAPage", "Question", "Course", "Book", "Movie", "Event",
            "SoftwareApplication", "SoftwareSourceCode", "Dataset", "HowTo", "PodcastEpisode", "WebPage",
        ]
        guard let thing = data.things.first(where: LinkedData.isArticle) ?? data.first(ofType: kinds) else { return }
        self = LinkedData.metadata(of: thing) { "" }
        publishedAt = publishedAt ?? thing["uploadDate"]?.string ?? thing["dateCreated"]?.string
    }

    /// Character references that survived parsing: many sites escape these values twice.
    private mutating func unescape() {
        title = title.map(CharacterReferences.decoded)
        byline = byline.map(CharacterReferences.decoded)
        excerpt = excerpt.map(CharacterReferences.decoded)
        siteName = siteName.map(CharacterReferences.decoded)
        publishedAt = publishedAt.map(CharacterReferences.decoded)
    }

    private static func heading(in document: HTMLDocument) -> String? {
        let heading = document.firstDescendant(of: HTMLDocument.root, [.h1])
        return heading.map(document.foldedText).filled
    }
}

extension PageMetadata {
    /// From `itemprop` attributes and from elements made for a date or a picture.
    private init(microdataIn document: HTMLDocument) {
        var node = document.followingElement(HTMLDocument.root, within: HTMLDocument.root)
        while let element = node {
            readMicrodata(element, document)
            node = document.followingElement(element, within: HTMLDocument.root)
        }
    }

    private mutating func readMicrodata(_ element: NodeID, _ document: HTMLDocument) {
        if document.tag(element) == .link, document.attribute(.rel, element, is: "image_src") {
            image = image ?? document.filled(.href, element)
        }
        if document.tag(element) == .time, document.has(.pubdate, element) {
            publishedAt = publishedAt ?? document.filled(.datetime, element)
        }
        guard let property = document.attribute(.itemprop, element)?.split(separator: " ") else { return }
        if property.contains("datePublished") || property.contains("dateCreated") {
            publishedAt = publishedAt ?? document.filled(.datetime, element) ?? document.filled(.content, element)
        }
        if property.contains("image") || property.contains("thumbnailUrl") {
            image =
                image ?? document.filled(.content, element) ?? document.filled(.src, element)
                ?? document.filled(.href, element)
        }
    }
}
