import Testing

@testable import Reading

@Suite("Articles")
struct ExtractionArticleTests {
    let page = SamplePages.extract(SamplePages.article)

    @Test("the text of the article is kept, the frame around it is not")
    func frame() {
        #expect(page.text.contains("Paragraph 1 tells of the harbour"))
        #expect(page.text.contains("Paragraph 6 tells of the harbour"))
        for clutter in [
            "Politics", "cookies", "Accept all", "Another harbour", "rather loudly", "Imprint", "never shown",
        ] {
            #expect(!page.text.contains(clutter), "\(clutter)")
        }
        #expect(page.pageKind == .article)
    }

    @Test("the heading that repeats the title is not repeated in the text")
    func heading() {
        #expect(page.title == "The harbour wakes early in winter")
        #expect(!page.text.contains("wakes early"))
    }

    @Test("lists, tables and code keep their shape in the text")
    func shapes() {
        #expect(page.text.contains("three cranes\nforty ships"))
        #expect(page.text.contains("Day\tShips\nMonday\t12\nTuesday\t9"))
        #expect(page.text.contains("let ships = 12\n  print(ships)"))
    }

    @Test("paragraphs are apart by a blank line")
    func paragraphs() {
        #expect(page.text.contains("running text.\n\nParagraph 2"))
    }

    @Test("links become absolute, script links become text")
    func links() {
        #expect(page.html.contains("<a href=\"https://example.com/weather.html\""))
        #expect(!page.html.contains("javascript"))
        #expect(page.text.contains("the weather and this, as always."))
    }

    @Test("the language of code survives for highlighting")
    func codeLanguage() {
        #expect(page.html.contains("<code class=\"language-swift\">"))
    }

    @Test("words are counted, each ideograph as one")
    func wordCount() {
        #expect(page.wordCount > 200)
        #expect(WordCount.words(in: "Don't panic: 42 well-known things") == 5)
        #expect(WordCount.words(in: "東京タワー") == 5)
        #expect(WordCount.words(in: "") == 0)
    }

    @Test("line breaks used as paragraphs become paragraphs")
    func lineBreaks() {
        let sentence = "This is a sentence about boats, oars and the water, long enough to be content. "
        let body = (1...8).map { "\($0) \(sentence)\(sentence)" }.joined(separator: "<br><br>\n")
        let page = SamplePages.extract("<title>Boats</title><body><div>\(body)</div>")
        #expect(page.html.contains("<p>\n2 This is"))
        #expect(page.text.contains("\n\n3 This is"))
    }

    @Test("an image that a script would load gets its address")
    func lazyImages() {
        let page = SamplePages.extract(
            """
            <body><article>\(SamplePages.paragraphs(5))
            <img class="lazy" data-original="/a/crane.jpg" alt="A crane">
            <img src="data:image/gif;base64,R0lGOD" data-src="/a/boat.png">
            <figure><img><noscript><img src="/a/quay.webp"></noscript></figure></article>
            """)
        for name in ["crane.jpg", "boat.png", "quay.webp"] {
            #expect(page.html.contains("https://example.com/a/\(name)"), "\(name)")
        }
    }

    @Test("a video's player becomes a link to the video")
    func videos() {
        let page = SamplePages.extract(
            "<body><article>\(SamplePages.paragraphs(5))<iframe src=\"https://www.youtube.com/embed/abc123\"></iframe></article>"
        )
        #expect(page.html.contains("href=\"https://www.youtube.com/watch?v=abc123\""))
        #expect(!page.html.contains("iframe"))
    }

    @Test("hidden parts are left out")
    func hidden() {
        let page = SamplePages.extract(
            """
            <body><article>\(SamplePages.paragraphs(5))
            <p hidden>Secret one.</p><p style="Display : none !important">Secret two.</p>
            <p style="visibility:hidden">Secret three.</p><p aria-hidden="true">Secret four.</p>
            <div role="dialog" aria-modal="true">Secret five.</div></article>
            """)
        #expect(!page.text.contains("Secret"))
    }

    @Test("a layout table of one cell is unwrapped, a table of data stays")
    func tables() {
        let page = SamplePages.extract("<body><table><tr><td>\(SamplePages.paragraphs(6))</td></tr></table>")
        #expect(page.text.hasPrefix("Paragraph 1"))
        #expect(!page.html.contains("<table"))
    }

    @Test("a byline in the page is found where the metadata has none")
    func byline() {
        let page = SamplePages.extract(
            "<body><article><p class=\"byline\">By <b>Grace Example</b></p>\(SamplePages.paragraphs(5))</article>")
        #expect(page.byline == "By Grace Example")
        #expect(!page.text.contains("Grace"))
    }

    @Test("a short page is kept as it is")
    func short() {
        let page = SamplePages.extract("<title>Note</title><body><p>Buy milk and bread.</p>")
        #expect(page.text == "Buy milk and bread.")
        #expect(page.excerpt == "Buy milk and bread.")
    }

    @Test("text in Chinese is found and measured by its characters")
    func chinese() {
        let paragraph = "<p>" + String(repeating: "港口的早晨，船只很多，工人们开始工作。", count: 8) + "</p>"
        let page = SamplePages.extract(
            "<html lang=zh><body><div class=menu><a href=/a>首页</a></div><div class=text>\(paragraph)\(paragraph)\(paragraph)</div>"
        )
        #expect(page.text.contains("港口的早晨"))
        #expect(!page.text.contains("首页"))
        #expect(page.lang == "zh")
    }
}
