/// Chooses between the article that scoring finds and the page without its frame, by the kind of
/// page.
struct ContentChoice {
    private let page: HTMLDocument
    private let title: String
    private let article: ArticleFinder.Article?
    /// A byline found in the page's text.
    let byline: String?

    init(page: HTMLDocument, metadata: PageMetadata) {
        title = metadata.title ?? ""
        var finder = ArticleFinder(page: page, title: title, hasByline: metadata.byline.filled != nil)
        article = finder.find()
        byline = finder.byline
        self.page = page
    }

    private var articleLength: Int { article?.length ?? 0 }

    func kind(_ signals: PageSignals, linkedData: LinkedData, httpStatus: Int?) -> PageKind {
        let isArticle = linkedData.things.contains(where: LinkedData.isArticle)
        return PageKindDetector(
            signals: signals, statesArticle: isArticle || signals.openGraphType == "article",
            articleLength: articleLength, articleLinkDensity: article?.measure.linkDensity ?? 0, httpStatus: httpStatus
        ).kind()
    }

    func content(for kind: PageKind) -> ArticleFinder.Article? {
        switch kind {
        case .article, .error, .login, .botCheck:
            // Short texts may be what scoring took for clutter on a page of another make.
            guard articleLength < ArticleFinder.sufficientLength else { return article }
            return longer(thanArticleTimes: articleLength < 200 ? 2 : 4, keepsLinkLists: false)
        // Signatures and indexes are links for the most part; scoring takes them for clutter.
        case .docs: return longer(thanArticleTimes: 1.02, keepsLinkLists: true)
        case .media: return longer(thanArticleTimes: 1.5, keepsLinkLists: false)
        case .forum, .product: return longer(thanArticleTimes: 1, keepsLinkLists: false)
        case .listing: return longer(thanArticleTimes: 1, keepsLinkLists: true)
        }
    }

    /// The page without its frame where that has so many times the text of the article, links aside.
    private func longer(thanArticleTimes factor: Double, keepsLinkLists: Bool) -> ArticleFinder.Article? {
        let main = MainContent.find(in: page, title: title, keepsLinkLists: keepsLinkLists)
        guard let main else { return article }
        let length = keepsLinkLists ? Double(main.length) : main.measure.ownLength
        return length > (article?.measure.ownLength ?? 0) * factor ? main : article
    }
}
