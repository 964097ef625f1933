import Testing

@testable import Search

@Suite("A snippet")
struct SnippetTests {
    private func snippet(_ content: String, _ query: String, passage: Range<Int>? = nil, rare: String = "") -> String {
        let query = SearchQuery(query)
        let rare = SearchQuery(rare).terms.map(\.hash)
        let frequencies = query.terms.map { ($0.hash, rare.contains($0.hash) ? 1 : 90) }
        let statistics = SpaceStatistics(
            documents: 100, fieldLengths: [], documentFrequencies: Dictionary(uniqueKeysWithValues: frequencies))
        return Snippet(of: content, for: query, in: statistics, passage: passage).html
    }

    private let filler = (0..<200).map { "filler\($0) text." }.joined(separator: " ")

    @Test("words are marked by their stem, as the text spells them")
    func marks() {
        #expect(
            snippet("Baking Breads, baked daily", "bake bread")
                == "<mark>Baking</mark> <mark>Breads</mark>, <mark>baked</mark> daily")
        #expect(
            snippet("Un Café, s’il vous plaît", "cafe plait") == "Un <mark>Café</mark>, s’il vous <mark>plaît</mark>")
        #expect(snippet("use node.js now", "nodejs") == "use <mark>node.js</mark> now")
        #expect(snippet("learn C++ now", "c++") == "learn <mark>C++</mark> now")
        #expect(snippet("東京都の猫です", "東京") == "<mark>東京</mark>都の猫です")
    }

    @Test("nothing in the text becomes HTML")
    func escaping() {
        let html = snippet("<script>alert('x')</script> & \"bread\" <mark>no</mark>", "bread")
        #expect(
            html
                == "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;<mark>bread</mark>&quot; &lt;mark&gt;no&lt;/mark&gt;"
        )
        #expect(
            snippet("mark amp lt <&>", "mark amp lt")
                == "<mark>mark</mark> <mark>amp</mark> <mark>lt</mark> &lt;&amp;&gt;")
    }

    @Test("the window is where most of the words are, between word borders")
    func window() {
        let text = filler + " the bread is old. " + filler + " sourdough bread with seeds " + filler
        let html = snippet(text, "sourdough bread seeds")
        #expect(html.contains("<mark>sourdough</mark> <mark>bread</mark> with <mark>seeds</mark>"))
        #expect(html.hasPrefix("… ") && html.hasSuffix("…"))
        #expect((200...300).contains(html.count))
        let words = html.split(separator: " ").dropFirst().dropLast()
        #expect(words.allSatisfy { text.contains($0.replacing("<mark>", with: "").replacing("</mark>", with: "")) })
    }

    @Test("a rare word attracts the window more than common ones")
    func weights() {
        let text = "the of and the of and " + filler + " saffron " + filler
        #expect(snippet(text, "the of saffron", rare: "saffron").contains("<mark>saffron</mark>"))
    }

    @Test("without the words it shows the place that means the same, else the beginning")
    func meaning() {
        let text = filler + " here it matters " + filler
        let start = text.utf8.count / 2
        #expect(snippet(text, "unheard").hasPrefix("filler0 text."))
        let html = snippet(text, "unheard", passage: start - 8..<start + 200)
        #expect(html.hasPrefix("… ") && html.contains("matters"))
        #expect(snippet(text, "unheard", passage: 1_000_000..<1_000_001).hasPrefix("filler0"))
    }

    @Test("words deep in a long text are found")
    func deep() {
        let text = String(repeating: filler + " ", count: 30) + "needle " + filler
        #expect(snippet(text, "needle").contains("<mark>needle</mark>"))
        #expect(snippet(text, "needle", passage: 50_000..<50_100).contains("<mark>needle</mark>"))
    }

    @Test("characters stay whole, and white space is one space")
    func characters() {
        let family = "👩‍👩‍👧‍👦"
        let text = String(repeating: family, count: 400)
        let html = snippet(text, "x", passage: 1001..<1100)
        #expect(html.replacing("…", with: "").replacing(" ", with: "").allSatisfy { $0 == Character(family) })
        #expect(snippet("a\n\n\t b\u{0}\u{7}c\r\nd", "b") == "a <mark>b</mark> c d")
        #expect(snippet(String(repeating: "漢", count: 1000), "x").count < 260)
        #expect(snippet("", "x").isEmpty && snippet("plain", "").isEmpty == false)
    }
}
