/// The line at the head of an article that only names its author, who is known apart from the text.
enum LeadingByline {
    /// What stands before the name, in the languages most pages are written in.
    private static let leadIns: Set<String> = [
        "", "by", "written by", "posted by", "story by", "words by", "text by", "author", "from", "von", "text",
        "autor",
        "par", "auteur", "por", "di", "de", "door", "av", "af", "od", "przez", "от", "автор",
    ]

    private static let headings: TagSet = [.h1, .h2, .h3, .h4, .h5, .h6]
    /// UTF-16 units; longer lines say more than a name.
    private static let longestLine = 150

    static func removed(from article: ArticleFinder.Article, naming byline: String?) -> ArticleFinder.Article {
        guard let byline, let line = line(of: byline, in: article) else { return article }
        var document = article.document
        document.detach(line)
        let measure = document.measure(article.content)
        return ArticleFinder.Article(document: document, content: article.content, measure: measure)
    }

    /// The largest element around the article's first words that holds nothing but the byline.
    private static func line(of byline: String, in article: ArticleFinder.Article) -> NodeID? {
        let document = article.document
        var node = firstText(in: article)
        var found: NodeID?
        while let current = node, current != article.content, !headings.contains(document.tag(current)) {
            let text = document.textContent(current)
            guard text.utf16.count <= longestLine else { break }
            if document.isElement(current), names(byline, text) { found = current }
            node = document.parent(current)
        }
        return found
    }

    private static func firstText(in article: ArticleFinder.Article) -> NodeID? {
        var node: NodeID? = article.content
        while let current = node, !article.document.isText(current) || article.document.isBlank(current) {
            node = article.document.following(current, within: article.content)
        }
        return node
    }

    /// Whether one of them is the other, but for words such as "by".
    private static func names(_ byline: String, _ text: String) -> Bool {
        let (byline, text) = (comparable(byline), comparable(text))
        let (longer, shorter) = byline.count > text.count ? (byline, text) : (text, byline)
        guard !shorter.isEmpty, longer.hasSuffix(shorter) else { return false }
        let leadIn = longer.dropLast(shorter.count)
        guard leadIn.isEmpty || leadIn.last == " " || leadIn.last == ":" else { return false }
        return leadIns.contains(UTF8Text.trimmed(String(leadIn)).replacing(":", with: ""))
    }

    private static func comparable(_ text: String) -> String { UTF8Text.folded(text).lowercased() }
}
