/// Decides what kind of page it is, from what the page says of itself first and from its shape
/// where it says nothing. In doubt a page is an article.
struct PageKindDetector {
    let signals: PageSignals
    /// Whether the metadata describes an article.
    let statesArticle: Bool
    /// Length of the text that content scoring found, and the share of links in it.
    let articleLength: Int
    let articleLinkDensity: Double
    let httpStatus: Int?

    func kind() -> PageKind {
        if NoticeWords.isBotCheck(signals) { return .botCheck }
        if isError { return .error }
        if isLogin { return .login }
        if isForum { return .forum }
        if isDocumentation { return .docs }
        if statesArticle { return .article }
        if let shop = shopKind { return shop }
        if isMedia { return .media }
        return isListing ? .listing : .article
    }

    // MARK: - No content

    private var isError: Bool {
        if let httpStatus, httpStatus >= 400 { return !(isLoginStatus(httpStatus) && isLogin) }
        guard articleLength < 1_200 else { return false }
        return NoticeWords.isError(signals.title, isWhole: signals.bodyLength < 400)
            || (NoticeWords.isError(signals.heading, isWhole: true) && signals.bodyLength < 6_000)
    }

    private func isLoginStatus(_ status: Int) -> Bool { status == 401 || status == 403 }

    private var isLogin: Bool {
        guard articleLength < 700, !statesArticle || articleLength < 200 else { return false }
        let isNamed = NoticeWords.isLogin(signals.title) || NoticeWords.isLogin(signals.heading)
        if signals.passwordFields > 0 { return isNamed || signals.bodyLength < 900 }
        return isNamed && signals.textFields > 0 && signals.bodyLength < 1_500
    }

    // MARK: - Forms of content

    private static let forumSoftware: PhraseSet = [
        "phpbb", "vbulletin", "xenforo", "discourse", "discuz", "simple machines", "smf", "mybb", "flarum", "nodebb",
        "invision", "vanilla", "punbb", "fluxbb", "bbpress", "woltlab", "burning board", "khoros", "lithium",
    ]
    private static let threadPaths: PhraseSet = [
        "/thread", "/topic", "/questions/", "/comments/", "/discussion", "/t/",
    ]

    private var isForum: Bool {
        if signals.types.contains("QAPage") { return true }
        if signals.types.contains("DiscussionForumPosting") { return !statesOtherArticle }
        if Self.forumSoftware.occurs(in: signals.generator), signals.posts > 0 { return !statesArticle }
        guard signals.posts > 0, !statesArticle else { return false }
        if signals.path.contains("/viewtopic") || signals.path.contains("/showthread") { return true }
        guard signals.posts > 1 else { return false }
        let isThread =
            Self.threadPaths.occurs(in: signals.path) || signals.path.contains("forum")
            || signals.host.contains("forum") || signals.host.contains("community")
        return isThread || (signals.posts >= 5 && signals.title.contains("forum"))
    }

    private var statesOtherArticle: Bool {
        signals.types.contains { $0.hasSuffix("Article") || $0 == "BlogPosting" }
    }

    private static let documentationSoftware: PhraseSet = [
        "sphinx", "mkdocs", "docusaurus", "gitbook", "vuepress", "vitepress", "docsify", "doxygen", "javadoc",
        "rustdoc",
        "jsdoc", "mdbook", "typedoc", "pdoc", "antora", "docfx", "readme.io", "mintlify", "nextra", "starlight",
        "asciidoctor",
    ]
    private static let documentationPaths: PhraseSet = [
        "/docs/", "/doc/", "/documentation/", "/manual/", "/reference/", "/api/", "/man/", "/apidocs/", "/javadoc/",
        "/handbook/", "/sdk/",
    ]

    private var isDocumentation: Bool {
        if Self.documentationSoftware.occurs(in: signals.generator) { return true }
        if signals.types.contains("APIReference") { return true }
        if isRepository { return true }
        guard !statesArticle || signals.types.contains("TechArticle") else { return false }
        return signals.host.hasPrefix("docs.") || signals.host.hasPrefix("developer.")
            || signals.host.hasSuffix(".readthedocs.io")
            || signals.host == "docs.rs" || Self.documentationPaths.occurs(in: signals.path + "/")
    }

    /// The front page of a source repository shows its README.
    private var isRepository: Bool {
        let isHost = ["github.com", "gitlab.com", "codeberg.org"].contains(signals.host)
        return isHost && signals.path.split(separator: "/").count == 2 || signals.types.contains("SoftwareSourceCode")
    }

    private var shopKind: PageKind? {
        let products = signals.itemTypeCounts["Product", default: 0]
        let isDescribed = !signals.types.isDisjoint(with: [
            "Product", "ProductGroup", "IndividualProduct", "SoftwareApplication", "MobileApplication",
        ])
        let isProduct =
            isDescribed || signals.hasPrice || signals.openGraphType.contains("product") || signals.buysDirectly
        guard isProduct else { return nil }
        return products > 3 || !signals.types.isDisjoint(with: Self.collections) ? .listing : .product
    }

    private var isMedia: Bool {
        guard articleLength < 2_000 else { return false }
        if signals.openGraphType.hasPrefix("video") || signals.openGraphType.hasPrefix("music") { return true }
        let media: Set<String> = [
            "VideoObject", "MusicRecording", "MusicAlbum", "AudioObject", "PodcastEpisode", "ImageGallery",
            "Photograph",
        ]
        if !signals.types.isDisjoint(with: media) { return true }
        return signals.players > 0 && articleLength < 600
    }

    private static let collections: Set<String> = ["CollectionPage", "SearchResultsPage", "ItemList", "OfferCatalog"]
    private static let listPaths: PhraseSet = [
        "/tag/", "/tags/", "/category/", "/categories/", "/archive/", "/search", "/author/",
    ]

    /// A page of links, on which no text stands out as the article.
    private var isListing: Bool {
        if !signals.types.isDisjoint(with: ["CollectionPage", "SearchResultsPage"]) { return true }
        let isIndex = signals.path == "/" || Self.listPaths.occurs(in: signals.path)
        let limit = isIndex ? 2_000 : articleLinkDensity < 0.2 ? 200 : ArticleFinder.sufficientLength
        guard articleLength < limit else { return false }
        return signals.articles >= 5
            || signals.bodyLength > (isIndex ? 300 : 800) && signals.bodyLinkDensity > (isIndex ? 0.3 : 0.5)
    }
}
