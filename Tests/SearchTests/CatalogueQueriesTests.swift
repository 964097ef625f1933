import TestSupport
import Testing

@testable import Search

@Suite("Queries are data")
struct CatalogueQueriesTests {
    private func catalogue() async throws -> Catalogue {
        let catalogue = try await Catalogue()
        try await catalogue.put(Catalogue.entry(1, "Green tea"), content: "Tea leaves are steamed, not roasted.")
        try await catalogue.put(Catalogue.entry(2, "Black coffee"), content: "Beans and near-boiling water.")
        return catalogue
    }

    @Test(
        "nothing a person can type is an error",
        arguments: [
            "", " ", "\"", "\"tea", "'", "tea*", "*", "title:tea", "head : tea", "tea AND", "OR", "NOT tea",
            "NEAR(tea leaves)",
            "NEAR/2", "(", ")", "((tea)", "^tea", "-tea", "+tea", "tea -coffee", "{head body}: tea", "tea\u{0}leaves",
            "\u{0}",
            "; DROP TABLE search_items; --", "%", "_", "\\", "🙂", "👩‍👩‍👧", "\u{202E}aet", "\u{FEFF}tea", "tea\ncoffee\t",
            "search_words", "rowid:1", "<mark>", "&amp;", "\u{FFFD}", "\u{10FFFF}", "a\u{300}\u{301}\u{302}", "ﬁ", "İ",
            "ẞ",
        ], SearchMode.allCases)
    func hostile(query: String, mode: SearchMode) async throws {
        _ = try await catalogue().search(query, mode)
    }

    @Test(
        "signs around plain words change nothing",
        arguments: [
            "tea", "\"tea\"", "tea*", "*tea", "(tea)", "tea:", ":tea", "+tea", "-tea", "^tea", "tea\"", "tea 🙂", "TEA",
            "tea?!",
        ])
    func signs(query: String) async throws {
        let catalogue = try await catalogue()
        let plain = try await catalogue.search("tea").results
        let found = try await catalogue.search(query).results
        #expect(found.map(\.ref) == [1])
        #expect(found.map(\.score) == plain.map(\.score))
    }

    @Test("10 kB of text, and 1 MB of it, are a query like others", arguments: [10_000, 1_000_000])
    func long(bytes: Int) async throws {
        let phrase = "green tea and \"quotes\" OR * (brackets) "
        let query = String(repeating: phrase, count: bytes / phrase.utf8.count + 1)
        #expect(try await catalogue().find(query).first == 1)
    }

    @Test("a thousand different words are a query like others")
    func manyWords() async throws {
        let query = (0..<1000).map { "word\($0)" }.joined(separator: " ") + " coffee"
        #expect(try await catalogue().find(query) == [2])
    }

    @Test("whatever sign stands inside a word, the entry is found by it and nothing fails")
    func everyKindOfSign() async throws {
        let catalogue = try await Catalogue()
        var numbers = RandomNumbers(seed: 3)
        var scalars: [Unicode.Scalar] = (0x20...0x17F).compactMap(Unicode.Scalar.init)
        scalars += (0..<400).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0x300...0x10FFFF, using: &numbers)) }
        let words = scalars.map { "tea\(Character($0))pot" }
        for start in stride(from: 0, to: words.count, by: 100) {
            let part = words[start..<min(start + 100, words.count)].joined(separator: " ")
            try await catalogue.put(Catalogue.entry(Int64(start + 1), part), content: part)
        }
        for (number, word) in words.enumerated() where number.isMultiple(of: 5) {
            let found = try await catalogue.find(word)
            #expect(found.contains(Int64(number / 100 * 100 + 1)), "\(scalars[number].value)")
        }
    }

    @Test(
        "words are found in other forms, cases and accents",
        arguments: [
            ("running shoes", "run"), ("Crème brûlée", "creme brulee"), ("STRASSE", "straße"), ("東京タワー", "東京"),
            ("The node.js handbook", "node.js"), ("Learn C++ today", "c++"), ("Café", "cafe\u{301}"),
            ("ﬁlm noir", "film"),
            ("Ελλάδα", "ΕΛΛΆΔΑ"), ("naïve-bayes", "naive bayes"),
        ])
    func forms(title: String, query: String) async throws {
        let catalogue = try await catalogue()
        try await catalogue.put(Catalogue.entry(9, title))
        #expect(try await catalogue.find(query).first == 9)
    }

    @Test("pages follow one another without gaps or repeats")
    func paging() async throws {
        let catalogue = try await Catalogue()
        for number in 1...25 { try await catalogue.put(Catalogue.entry(Int64(number), "tea \(number)")) }
        let whole = try await catalogue.find("tea")
        var pages: [Int64] = []
        for offset in stride(from: 0, to: 40, by: 10) {
            let page = try await catalogue.search("tea", offset: offset, limit: 10)
            #expect(page.total == 25)
            pages += page.results.map(\.ref)
        }
        #expect(pages == whole)
        #expect(Set(pages) == Set(1...25))
    }

    @Test("a rare word weighs more than a common one, a title more than a content")
    func weights() async throws {
        let catalogue = try await Catalogue()
        for number in 1...20 { try await catalogue.put(Catalogue.entry(Int64(number), "Tea \(number)")) }
        try await catalogue.put(Catalogue.entry(21, "Notes"), content: "On the samovar.")
        try await catalogue.put(Catalogue.entry(22, "Samovar"), content: "On brass.")
        #expect(try await catalogue.find("tea samovar").prefix(2) == [22, 21])
    }
}
