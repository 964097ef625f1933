/// Finds the element that holds an article by scoring paragraphs, the method of Arc90's and
/// Mozilla's Readability (https://github.com/mozilla/readability).
///
/// Each round takes out what hardly is content, scores what is left, cleans the best part and
/// measures it. Where that yields too little, the next round starts from the untouched page with
/// one rule less.
struct ArticleFinder {
    /// Rules that are given up one after the other.
    struct Rules: OptionSet {
        let rawValue: UInt8
        static let dropUnlikely = Rules(rawValue: 1)
        static let weighNames = Rules(rawValue: 2)
        static let cleanConditionally = Rules(rawValue: 4)
        static let all: Rules = [.dropUnlikely, .weighNames, .cleanConditionally]
        static let order: [Rules] = [.dropUnlikely, .weighNames, .cleanConditionally]
    }

    struct Article {
        let document: HTMLDocument
        let content: NodeID
        let measure: ContentMeasure

        var length: Int { measure.length }
    }

    /// Text shorter than this is taken only when nothing better turns up.
    static let sufficientLength = 500

    private let page: HTMLDocument
    private let title: String
    /// A byline found in the page; looked for only where the metadata has none.
    private(set) var byline: String?
    private var wantsByline: Bool

    init(page: HTMLDocument, title: String, hasByline: Bool) {
        self.page = page
        self.title = title
        wantsByline = !hasByline
    }

    mutating func find() -> Article? {
        var rules = Rules.all
        var best: Article?
        for dropped in [[]] + Rules.order {
            rules.subtract(dropped)
            guard let article = attempt(rules) else { return best }
            if article.length >= Self.sufficientLength { return article }
            if article.length > best?.length ?? 0 { best = article }
        }
        return best
    }

    private mutating func attempt(_ rules: Rules) -> Article? {
        var gathering = ContentGathering(document: page, title: title, rules: rules, wantsByline: wantsByline)
        gathering.run()
        if let found = gathering.byline.filled {
            byline = found
            wantsByline = false
        }
        var scoring = ContentScoring(document: gathering.document, rules: rules)
        scoring.score(gathering.paragraphs)
        guard let container = scoring.collectArticle() else { return nil }
        var cleaning = ArticleCleaning(document: scoring.document, article: container, rules: rules)
        return cleaning.run()
    }
}
