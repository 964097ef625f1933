import Embeddings
import Persistence
import Testing

@testable import Search

@Suite("Finding by meaning, with the real model")
struct CatalogueMeaningTests {
    private static let pages: [(Int64, String, String)] = [
        (1, "Feline companions", "Kittens sleep for most of the day and purr when they are content."),
        (2, "Sourdough basics", "Flour, water and salt are fermented overnight, then baked in a hot oven."),
        (3, "Tidal power", "Turbines below the surface turn the movement of the sea into electricity."),
    ]

    private func catalogue(_ embedder: SearchEmbedder = .real) async throws -> Catalogue {
        let catalogue = try await Catalogue(embedder)
        for (ref, title, content) in Self.pages {
            try await catalogue.putEmbedded(Catalogue.entry(ref, title), content: content)
        }
        return catalogue
    }

    @Test(
        "a page is found by a question that shares no word with it",
        arguments: [
            ("how do cats behave", Int64(1)), ("making a loaf at home", 2), ("renewable energy from the ocean", 3),
        ], [SearchMode.semantic, .hybrid])
    func meaning(asked: (String, Int64), mode: SearchMode) async throws {
        let catalogue = try await catalogue()
        let found = try await catalogue.search(asked.0, mode).results
        #expect(found.first?.ref == asked.1)
        #expect(found.first?.semanticScore ?? 0 > 0.2)
        #expect(found.first?.snippet.isEmpty == false)
    }

    @Test("by words alone nothing has a meaning, by meaning alone nothing has words")
    func legs() async throws {
        let catalogue = try await catalogue()
        #expect(try await catalogue.search("kittens", .text).results.allSatisfy { $0.semanticScore == nil })
        #expect(try await catalogue.search("kittens", .semantic).results.allSatisfy { $0.textScore == nil })
        let both = try await catalogue.search("kittens", .hybrid).results.first
        #expect(both?.ref == 1)
        #expect(both?.textScore != nil && both?.semanticScore != nil)
    }

    @Test("new content takes the place of the old meaning")
    func replaced() async throws {
        let catalogue = try await catalogue()
        #expect(try await catalogue.find("cats", .semantic).first == 1)
        try await catalogue.putEmbedded(
            Catalogue.entry(1, "Volcanoes"), content: "Molten rock rises through the crust and erupts as lava.")
        let cats = try await catalogue.search("cats", .semantic).results.first { $0.ref == 1 }
        #expect(cats?.semanticScore ?? 0 < 0.3)
        #expect(try await catalogue.find("eruptions of magma", .semantic).first == 1)
    }

    @Test("without the model words alone find, in every mode", arguments: SearchMode.allCases)
    func withoutModel(mode: SearchMode) async throws {
        let catalogue = try await catalogue(.absent)
        #expect(try await catalogue.find("kittens", mode) == [1])
        #expect(try await catalogue.waitingForMeaning == 3)
    }

    @Test("what came while the model was away is embedded later, more than one batch of it")
    func backlog() async throws {
        let catalogue = try await Catalogue(.real)
        for (ref, title, content) in Self.pages {
            try await catalogue.put(Catalogue.entry(ref, title), content: content)
        }
        for number in Int64(10)..<50 { try await catalogue.put(Catalogue.entry(number, "Harbour number \(number)")) }
        #expect(try await catalogue.waitingForMeaning == 43)
        #expect(try await catalogue.find("how do cats behave", .semantic).isEmpty)
        try await catalogue.embedBacklog()
        #expect(try await catalogue.waitingForMeaning == 0)
        #expect(try await catalogue.find("how do cats behave", .semantic).first == 1)
        #expect(try await catalogue.find("ports for ships", .semantic).first ?? 0 >= 10)
    }

    @Test("another title makes the meaning stale, and the backlog puts it right")
    func staleTitle() async throws {
        let catalogue = try await catalogue()
        try await catalogue.put(Catalogue.entry(3, "Tidal power", tags: ["energy"]))
        #expect(try await catalogue.waitingForMeaning == 0)
        try await catalogue.put(Catalogue.entry(3, "A bakery by the sea", tags: ["energy"]))
        #expect(try await catalogue.waitingForMeaning == 1)
        // Until then it is found as it was.
        #expect(try await catalogue.find("ocean turbines", .semantic).first == 3)
        try await catalogue.embedBacklog()
        #expect(try await catalogue.waitingForMeaning == 0)
        #expect(try await catalogue.find("ocean turbines", .semantic).first == 3)
    }

    @Test(
        "what was embedded is not kept where the entry says something else by then",
        arguments: [("Title", "Old content", false), ("Other title", nil, false), ("Title", nil, true)])
    func lateBacklog(title: String, content: String?, isKept: Bool) async throws {
        let catalogue = try await Catalogue()
        try await catalogue.put(Catalogue.entry(1, "Title"), content: "Old content")
        let (item, revision) = try await catalogue.itemAndRevision()
        // Other tags alone mean nothing else; the same content given again may be another.
        try await catalogue.put(Catalogue.entry(1, title, tags: ["new"]), content: content)
        let passage = EmbeddedPassage(range: 0..<3, vector: [Float](repeating: 0.05, count: 384))
        let stored = try await catalogue.database.write { connection in
            try catalogue.index.putPassages([passage], of: item, revision: revision, in: Catalogue.ada, connection)
            return try connection.value("SELECT COUNT(*) FROM search_passages", as: Int.self)
        }
        #expect(stored == (isKept ? 1 : 0))
        #expect(try await catalogue.waitingForMeaning == (isKept ? 0 : 1))
    }

    @Test("the snippet shows the passage that was found by meaning, as safe HTML")
    func snippet() async throws {
        let catalogue = try await Catalogue(.real)
        let filler = String(repeating: "The committee met again and adjourned until the following week. ", count: 120)
        let cats = String(repeating: "<b>Kittens</b> & cats purr when they are stroked. ", count: 30)
        let content = filler + cats + filler
        try await catalogue.putEmbedded(Catalogue.entry(1, "Minutes"), content: content)
        let found = try await catalogue.search("happy felines", .semantic).results.first
        #expect(found?.snippet.contains("Kittens") == true)
        #expect(found?.snippet.contains("<b>") == false)
        let marked = try await catalogue.search("kittens", .hybrid).results.first
        #expect(marked?.snippet.contains("&lt;b&gt;<mark>Kittens</mark>") == true)
    }
}
