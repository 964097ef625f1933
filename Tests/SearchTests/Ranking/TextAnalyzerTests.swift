import Testing

@testable import Search

@Suite("Analysing text")
struct TextAnalyzerTests {
    private let analyzer = TextAnalyzer()

    private func terms(_ text: String) -> [String] { analyzer.analyze(text).terms }

    /// Whether somebody who types `query` finds `text`: they share a term that is the query's own.
    private func finds(_ query: String, _ text: String) -> Bool {
        !Set(terms(query)).isDisjoint(with: terms(text))
    }

    @Test(
        "words are folded in case, diacritics, width and ligatures",
        arguments: [
            ("Ärger", "arger"), ("STRASSE", "strass"), ("Straße", "strass"), ("ﬁne", "fine"), ("ｆｕｌｌ", "full"),
            ("cafe\u{301}", "cafe"), ("İstanbul", "istanbul"), ("Łódź", "lodz"), ("Ørsted", "orst"),
            ("œuvre", "oeuvr"), ("ΣΊΣΥΦΟΣ", "σισυφοσ"), ("Σίσυφος", "σισυφοσ"), ("ёлка", "елка"),
            ("العَرَبِيَّة", "العربية"), ("co\u{AD}operate", "cooper"), ("x²", "x2"),
        ])
    func folding(text: String, term: String) {
        #expect(terms(text) == [term])
    }

    @Test(
        "special names keep what makes them special",
        arguments: [
            ("learning C++ quickly", "c++"), ("C++17", "c++"), ("C# in depth", "c#"), ("the .NET runtime", ".net"),
            ("edit .gitignore", ".gitignore"), ("node.js", "nodej"), ("e-mail", "email"), ("AT&T", "att"),
            ("v6.3.1 is out", "v6.3.1"), ("10,000 steps", "10000"), ("on 2024-05-01", "2024-05-01"),
            ("jane@example.com", "janeexamplecom"), ("don't", "dont"), ("don’t", "dont"), ("snake_case", "snakecas"),
        ])
    func specialNames(text: String, term: String) {
        #expect(terms(text).contains(term))
    }

    @Test(
        "compounds are found whole and in parts",
        arguments: [
            ("node", "node.js"), ("nodejs", "node.js"), ("github", "GitHub"), ("camelCase", "camelcase"),
            ("parser", "HTMLParser"), ("html", "HTMLParser"), ("state of art", "state-of-the-art"),
            ("example.com", "jane@example.com"), ("email", "e-mail"), ("avion", "l'avion"), ("John", "John's"),
            ("C", "C++"), ("swift", "Swift/C++"), ("6.3", "Swift 6.3"),
        ])
    func compounds(query: String, text: String) {
        #expect(finds(query, text))
    }

    @Test("numbers with points are not the number without")
    func versions() {
        #expect(terms("63").first == "63" && !terms("6.3").contains("63"))
    }

    @Test("the genitive adds no letter s")
    func genitive() {
        #expect(terms("John's dog") == ["john", "dog"])
    }

    @Test("scripts without spaces are found by any two neighbours")
    func pairs() {
        #expect(terms("東京都の猫") == ["東", "京", "東京", "都", "京都", "都の", "猫", "の猫"])
        #expect(terms("猫") == ["猫"])
        #expect(terms("한국어") == ["한국", "국어"])
        #expect(terms("\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}") == terms("한국"))
        #expect(terms("ﾃｽﾄ") == terms("テスト"))
        #expect(finds("ไทย", "ภาษาไทย"))
        #expect(terms("iPhone手机") == ["phone", "iphon", "手", "机", "手机"])
    }

    @Test("vowel signs of Indic scripts are part of the word")
    func vowelSigns() {
        #expect(terms("हिन्दी") == ["हिन्दी"] && terms("हिन्दी") != terms("हन्द"))
    }

    @Test("signs, quotes and emoji are no words")
    func noWords() {
        #expect(terms("\"*:()[]{}<>|~^!?🎉👩‍👩‍👧 … — ™") == [])
        #expect(terms("🎉party🎉") == ["parti"])
        #expect(terms("") == [] && terms("- . '") == [])
        #expect(terms("Fuze™") == terms("Fuze"))
    }

    @Test("a run without end is cut, and found again")
    func longRuns() {
        let run = String(repeating: "x7", count: 100_000)
        #expect(terms(run).map(\.utf8.count) == [64])
        #expect(finds(run, "see \(run) here"))
        #expect(terms(String(repeating: "é", count: 1000)) == terms(String(repeating: "e", count: 1000)))
        #expect(terms(String(repeating: "a-", count: 1000)) == ["a"])
    }

    @Test("length counts words once, however many forms they have")
    func length() {
        #expect(analyzer.analyze("GitHub has state-of-the-art node.js").length == 8)
        #expect(analyzer.analyze("東京都").length == 3)
    }

    @Test("each place in the text is where the word stands")
    func places() {
        let text = "Él usa C++, camelCase y 東京 — l’avion"
        var found: [String] = []
        analyzer.forEachTerm(in: text) { occurrence in
            let bytes = Array(text.utf8)[occurrence.range]
            found.append(String(decoding: bytes, as: UTF8.self))
        }
        #expect(
            found == [
                "Él", "usa", "C++", "C", "camel", "Case", "camelCase", "y", "東", "京", "東京", "l", "avion", "l’avion",
            ])
    }

    @Test("any bytes make terms without failing")
    func anyBytes() {
        var seed: UInt64 = 42
        for _ in 0..<300 {
            let bytes = (0..<200).map { _ in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1
                return UInt8(truncatingIfNeeded: seed >> 56)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(terms(text).allSatisfy { !$0.isEmpty && $0.utf8.count <= 72 && !$0.contains(" ") })
        }
    }
}
