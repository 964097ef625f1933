import Testing

@testable import Reading

@Suite("Metadata of pages")
struct ExtractionMetadataTests {
    private func page(head: String, body: String = SamplePages.paragraphs(4)) -> ExtractedPage {
        SamplePages.extract("<html><head>\(head)</head><body><article>\(body)</article></body></html>")
    }

    @Test("a page without any gives empty fields, not invented ones")
    func nothing() {
        let page = page(head: "")
        #expect(page.title == "")
        #expect(
            page.byline == nil && page.siteName == nil && page.publishedAt == nil && page.image == nil
                && page.lang == nil)
    }

    @Test("JSON-LD comes before Dublin Core, that before OpenGraph, that before Twitter")
    func precedence() {
        let json =
            #"<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"From JSON-LD","author":[{"name":"Ada"},{"name":"Grace"}],"publisher":{"name":"Publisher"},"datePublished":"2024-01-02","image":["https://example.com/i.png"]}</script>"#
        let core =
            "<meta name=\"dc.title\" content=\"From Dublin Core\"><meta name=\"DC.creator\" content=\"Core Author\">"
        let graph =
            "<meta property=\"og:title\" content=\"From OpenGraph\"><meta property=\"og:site_name\" content=\"Graph Site\">"
        let card = "<meta name=\"twitter:title\" content=\"From Twitter\">"
        let all = page(head: json + core + graph + card)
        #expect(all.title == "From JSON-LD")
        #expect(all.byline == "Ada, Grace")
        #expect(all.siteName == "Publisher")
        #expect(all.publishedAt == "2024-01-02")
        #expect(all.image == "https://example.com/i.png")
        #expect(page(head: core + graph + card).title == "From Dublin Core")
        #expect(page(head: core).byline == "Core Author")
        #expect(page(head: graph + card).title == "From OpenGraph")
        #expect(page(head: graph).siteName == "Graph Site")
        #expect(page(head: card).title == "From Twitter")
        #expect(page(head: "<meta name=\"parsely-title\" content=\"From Parse.ly\">").title == "From Parse.ly")
    }

    @Test("an article inside @graph is found")
    func graph() {
        let json =
            #"<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"Site"},{"@type":["Article","NewsArticle"],"headline":"In the graph"}]}</script>"#
        #expect(page(head: json).title == "In the graph")
    }

    @Test(
        "broken JSON-LD is passed over",
        arguments: [
            "{", "[1, 2", #"{"@type": 5}"#, "null", "[[[[[]]]]]",
            #"{"@context":"https://schema.org","@type":"Article","headline":7}"#,
        ])
    func brokenJSON(json: String) {
        let page = page(
            head: "<title>A title that stays as it is</title><script type=\"application/ld+json\">\(json)</script>")
        #expect(page.title == "A title that stays as it is")
    }

    @Test("a line break inside a JSON string does not lose the description")
    func looseJSON() {
        let json =
            "<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\"@type\":\"Article\",\n\"headline\":\"Two\nlines\"}</script>"
        #expect(page(head: json).title == "Two lines")
    }

    @Test("of two names in JSON-LD the one that resembles the page's title is taken")
    func twoNames() {
        let json =
            #"<script type="application/ld+json">{"@context":"https://schema.org","@type":"Article","name":"The Site","headline":"Cranes return to the harbour this winter"}</script>"#
        #expect(
            page(head: "<title>Cranes return to the harbour this winter</title>\(json)").title
                == "Cranes return to the harbour this winter")
    }

    @Test(
        "the site's name is taken off a title, a short title is left alone",
        arguments: [
            ("The long way to the harbour | Example News", "The long way to the harbour"),
            ("The long way to the harbour - Part two - Example", "The long way to the harbour - Part two"),
            ("Home | About us", "Home | About us"),
            ("News » World » The long way to the harbour again", "News » World » The long way to the harbour again"),
            ("Example: the long way to the old harbour", "the long way to the old harbour"),
            ("  The   harbour\n of  old times, told again ", "The harbour of old times, told again"),
            ("Plain title of a page", "Plain title of a page"),
        ])
    func titles(title: String, expected: String) {
        #expect(page(head: "<title>\(title)</title>").title == expected)
    }

    @Test("an only heading stands in for a very short title")
    func headingAsTitle() {
        let body = "<h1>What the harbour master saw that morning</h1>" + SamplePages.paragraphs(4)
        #expect(page(head: "<title>Harbour</title>", body: body).title == "What the harbour master saw that morning")
        #expect(page(head: "", body: body).title == "What the harbour master saw that morning")
    }

    @Test("values that were escaped twice are unescaped")
    func references() {
        let head =
            "<meta property=\"og:title\" content=\"Salt &amp;amp; pepper &amp;#8211; a &amp;#x41;pology &amp;#xFFFFFFFF; &amp;#0;\">"
        #expect(page(head: head).title == "Salt & pepper – a Apology \u{FFFD} \u{FFFD}")
        #expect(CharacterReferences.decoded("&unknown; &#xg; &") == "&unknown; &#xg; &")
    }

    @Test("an author who is an address is no byline")
    func authorAddress() {
        #expect(page(head: "<meta property=\"article:author\" content=\"https://example.com/ada\">").byline == nil)
        #expect(page(head: "<meta property=\"article:author\" content=\"Ada\">").byline == "Ada")
    }

    @Test("several names in one property are read")
    func spaceSeparated() {
        let page = page(head: "<meta property=\"dc:title og:title x:title\" content=\"One for all\">")
        #expect(page.title == "One for all")
    }

    @Test(
        "dates come from every usual place",
        arguments: [
            "<meta name=\"parsely-pub-date\" content=\"2024-05-06\">",
            "<meta itemprop=\"datePublished\" content=\"2024-05-06\">",
            "<meta name=\"citation_publication_date\" content=\"2024-05-06\">",
            "<meta name=\"DC.date.issued\" content=\"2024-05-06\">",
            #"<script type="application/ld+json">{"@context":"https://schema.org","@type":"VideoObject","uploadDate":"2024-05-06"}</script>"#,
        ])
    func dates(head: String) {
        #expect(page(head: head).publishedAt == "2024-05-06")
    }

    @Test("a time element made for it gives the date")
    func timeElement() {
        let body = "<time pubdate datetime=\"2024-05-06T07:08:09Z\">May</time>" + SamplePages.paragraphs(4)
        #expect(page(head: "", body: body).publishedAt == "2024-05-06T07:08:09Z")
    }

    @Test("the picture's address is absolute, and only a web address is taken")
    func image() {
        #expect(page(head: "<meta property=\"og:image\" content=\"../i.png\">").image == "https://example.com/i.png")
        #expect(
            page(head: "<meta name=\"twitter:image\" content=\"//cdn.example.org/i.png\">").image
                == "https://cdn.example.org/i.png")
        #expect(page(head: "<meta property=\"og:image\" content=\"javascript:alert(1)\">").image == nil)
        #expect(page(head: "<link rel=\"image_src\" href=\"/l.png\">").image == "https://example.com/l.png")
    }

    @Test("addresses are resolved against the base the page declares")
    func base() {
        let html =
            "<base href=\"/deep/down/\"><body><article>\(SamplePages.paragraphs(4))<p>Go <a href=\"there\">there</a>, now.</p></article>"
        #expect(SamplePages.extract(html).html.contains("https://example.com/deep/down/there"))
    }

    @Test("without metadata the first paragraph is the excerpt")
    func excerpt() {
        #expect(page(head: "").excerpt?.hasPrefix("Paragraph 1 tells of the harbour") == true)
        #expect(page(head: "<meta name=\"description\" content=\"Told\">").excerpt == "Told")
    }
}
