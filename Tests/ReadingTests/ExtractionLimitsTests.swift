import Testing

@testable import Reading

@Suite("Hostile and broken pages")
struct ExtractionLimitsTests {
    private static let text = SamplePages.paragraphs(2)

    @Test(
        "markup made to exhaust a parser is read in bounded time, its text found",
        .timeLimit(.minutes(1)),
        arguments: [
            String(repeating: "<div>", count: 20_000), String(repeating: "<span>", count: 10_000),
            String(repeating: "<x-y>", count: 10_000),
            String(repeating: "<ul><li>", count: 5_000), String(repeating: "<table><tr><td>", count: 1_000),
            "<div " + (0..<5_000).map { "a\($0)=\($0)" }.joined(separator: " ") + ">",
            "<svg><title>" + String(repeating: "<div>", count: 20_000),
            String(repeating: "<a href=x><div>", count: 1_000),
            String(repeating: "<section><blockquote>", count: 5_000),
        ])
    func nesting(prefix: String) {
        #expect(SamplePages.extract("<body>\(prefix)\(Self.text)").text.contains("Paragraph 2 tells"))
    }

    @Test("a page of very many siblings is read in time that grows with its length", .timeLimit(.minutes(1)))
    func siblings() {
        let paragraphs = (0..<5_000).map { "<p>Sentence number \($0), with a comma and of some length.</p>" }.joined()
        #expect(SamplePages.extract("<body><div>\(paragraphs)</div>").text.contains("number 4999"))
        let links = (0..<5_000).map { "<a href=\"/\($0)\">link \($0)</a> " }.joined()
        #expect(SamplePages.extract("<body><div>\(links)</div>").text.contains("link 4999"))
    }

    @Test("a page that makes the tree larger than allowed is read as far as its beginning goes")
    func treeBudget() {
        var limits = MarkupLimits()
        limits.treeBytes = 4 << 20
        let page =
            "<body>" + String(repeating: "<p>Some words, with a comma, that make a paragraph.</p>", count: 20_000)
        let text = PageExtractor(limits: limits).extract(html: page, url: nil).text
        #expect(text.contains("Some words") && text.utf8.count < page.utf8.count / 2)
    }

    @Test("a parser without time gives an empty page")
    func timeBudget() {
        var limits = MarkupLimits()
        limits.parsingNanoseconds = 0
        let page = String(repeating: "<p>x</p>", count: 10_000)
        #expect(PageExtractor(limits: limits).extract(html: page, url: nil).text.count < page.count / 2)
    }

    @Test("only so many bytes are looked at")
    func byteLimit() {
        var limits = MarkupLimits()
        limits.bytes = 400
        let page = PageExtractor(limits: limits).extract(
            html: "<p>first</p>" + String(repeating: " ", count: 500) + "<p>last</p>", url: nil)
        #expect(page.text == "first")
    }

    @Test(
        "odd documents never fail",
        arguments: [
            ("", ""), ("just text", "just text"), ("a\u{0}b", "ab"), ("<", "<"), ("&", "&"), ("<p>x", "x"),
            ("</p></div>", ""),
            ("<html><frameset cols=1><frame src=a></frameset></html>", ""), ("<!DOCTYPE html>", ""),
            ("\u{FEFF}<p>bom", "bom"),
            ("<p>&#x1F600; &euro; &nothing here;", "😀 € ¬hing here;"), ("<script>x", ""),
            ("<!-- never closed <p>x", ""),
        ])
    func odd(html: String, text: String) {
        #expect(SamplePages.extract(html).text == text)
    }

    @Test("bytes that are no UTF-8 are replaced")
    func invalidBytes() {
        let page = PageExtractor().extract(
            utf8: Array("<p>caf".utf8) + [0xE9, 0xFF] + Array(" open</p>".utf8), url: nil)
        #expect(page.text.contains("caf") && page.text.contains("open"))
        _ = PageExtractor().extract(utf8: (0...255).map { UInt8($0) } + (0...255).map { UInt8(255 - $0) }, url: nil)
    }

    @Test("text after a script with a comment in it is not lost")
    func scriptWithComment() {
        let html =
            "<body><script><!-- <script>x</script> --></script>\(Self.text)<style>p > a { }</style><!-- a --><p>The end, as they say.</p>"
        let text = SamplePages.extract(html).text
        #expect(
            text.contains("Paragraph 1") && text.contains("The end") && !text.contains("-->") && !text.contains("{"))
    }

    @Test("an unclosed element inside noscript does not swallow the page")
    func unclosedNoscript() {
        let html = "<body><noscript><div></noscript>\(SamplePages.paragraphs(6))<noscript></div></noscript>"
        #expect(SamplePages.extract(html).text.contains("Paragraph 6"))
    }

    @Test("the flat tree keeps its links through every edit")
    func editing() throws {
        var document = HTMLParser().parseFragment(Array("<div>a<b>b</b><i>c</i>d</div>".utf8))
        let root = HTMLDocument.root
        let division = try #require(document.firstDescendant(of: root, [.div]))
        let bold = try #require(document.firstDescendant(of: root, [.b]))
        let italic = try #require(document.firstDescendant(of: root, [.i]))
        #expect(document.measure(division).length == 4)
        document.insert(italic, into: division, before: bold)
        #expect(document.textContent(division) == "acbd")
        document.unwrap(italic)
        document.detach(bold)
        #expect(document.textContent(division) == "acd")
        #expect(document.measure(division).length == 3)
        #expect(document.children(division).count == 3)
        document.setAttribute(.title, "one", on: division)
        document.setAttribute(.title, "two", on: division)
        document.setAttribute(.lang, "en", on: division)
        document.removeAttribute(.title, from: division)
        #expect(document.attribute(.title, division) == nil)
        #expect(document.attribute(.lang, division) == "en")
        #expect(document.attribute(.lang, division, is: "en"))
    }
}

extension ExtractionLimitsTests {
    @Test("a title as long as a page is cut, and so is an excerpt", .timeLimit(.minutes(1)))
    func longValues() {
        let words = (0..<20_000).map { "word \($0)" }
        let page = SamplePages.extract(
            "<title>\(words.joined(separator: " - "))</title><p>\(words.joined(separator: " "))</p>")
        #expect(page.title.count <= 2_000)
        #expect(page.excerpt?.count == 5_000)
        #expect(page.text.count > 100_000)
    }
}
