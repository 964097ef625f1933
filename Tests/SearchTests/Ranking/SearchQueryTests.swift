import Testing

@testable import Search

@Suite("A query")
struct SearchQueryTests {
    private let shelf = Shelf([
        "sourdough bread starter", "quick bread recipe", "bicycle repair manual", "title of the book",
        "not and or near",
    ])

    @Test(
        "signs change nothing about what the words mean",
        arguments: [
            "\"sourdough bread\"", "sourdough* bread", "sourdough:bread", "(sourdough) [bread]", "+sourdough -bread",
            "🥖 sourdough bread 🎉", "sourdough   bread ???", "'sourdough' `bread`", "sourdough^2 bread~",
            "sourdough bread \\", "sourdough/bread;--", "{sourdough} | bread", "SOURDOUGH bread\u{0}",
        ])
    func signs(query: String) {
        let plain = shelf.scores("sourdough bread")
        let scores = shelf.scores(query)
        // "2" in the one with the circumflex is a word nobody has.
        if query.contains("2") {
            #expect(scores.firstIndex(of: scores.max() ?? 0) == 0)
        } else {
            #expect(scores == plain)
        }
    }

    @Test(
        "what is embedded are the words alone",
        arguments: [
            ("\"sourdough* (bread)\" 🎉", "sourdough bread"), ("what is bread?", "what is bread"),
            ("C++ or C#", "C++ or C#"),
            ("node.js, e-mail & v6.3.1.", "node.js e-mail v6.3.1"), ("don’t\n\tstop", "don’t stop"),
            ("-bread +wine", "bread wine"),
            ("a -- b", "a b"), ("東京、猫。", "東京 猫"), ("हिन्दी!", "हिन्दी"), ("***", ""), ("🎉", ""), ("", ""),
        ])
    func plainText(text: String, plain: String) {
        #expect(SearchQuery(text).plainText == plain)
        #expect(SearchQuery(text).informative(in: shelf.statistics).plainText == plain)
    }

    @Test("operators are words like any other")
    func operators() {
        #expect(shelf.best("NOT") == 4 && shelf.best("title:") == 3 && shelf.best("NEAR(near)") == 4)
    }

    @Test("a repeated word is one term")
    func repetition() {
        #expect(SearchQuery("bread Bread breads").terms.map(\.word) == ["bread"])
        #expect(SearchQuery("bread Bread breads").terms[0].count == 3)
        #expect(shelf.scores("bread bread bread") == shelf.scores("bread"))
    }

    @Test("of ten kilobytes of text, the rarest words that occur are looked for")
    func longText() {
        let noise = (0..<1500).map { "nonsense\($0)" }.joined(separator: " ")
        let many = Shelf((0..<200).map { "common word\($0) bread" } + ["bicycle"])
        let statistics = many.statistics
        let text = "bicycle " + (0..<200).map { "word\($0)" }.joined(separator: " ") + " common bread " + noise
        let query = SearchQuery(text).informative(in: statistics)
        #expect(query.terms.count == SearchQuery.mostTerms)
        #expect(query.terms[0].word == "bicycl" && !query.terms.contains { $0.word == "common" })
        #expect(many.best(text) == 200)
    }

    @Test("nothing to look for is no error")
    func empty() {
        for text in ["", " ", "\"\"", "***", "🎉", "\u{0}\u{1}"] { #expect(SearchQuery(text).terms.isEmpty) }
    }
}
