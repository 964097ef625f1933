import Persistence
import Testing

@testable import Search

@Suite("Narrowing a search, and taking things out")
struct CatalogueNarrowingTests {
    private static let letter = SearchKind(rawValue: "letter")

    private func catalogue() async throws -> Catalogue {
        let catalogue = try await Catalogue(.real)
        for number in Int64(1)...6 {
            try await catalogue.putEmbedded(
                Catalogue.entry(number, "Tea, part \(number)"), content: "Leaves steeped in hot water, \(number) times."
            )
        }
        try await catalogue.putEmbedded(
            Catalogue.entry(2, "A letter about tea", kind: Self.letter), content: "Dear Ada, the leaves have come.")
        return catalogue
    }

    @Test("only what the filter allows is found, in every mode", arguments: SearchMode.allCases)
    func narrowed(mode: SearchMode) async throws {
        let catalogue = try await catalogue()
        let narrowing = SearchNarrowing(kind: Catalogue.note, refs: "SELECT ref FROM notes WHERE ref IN (2, 5)")
        let found = try await catalogue.search("tea", mode, narrowing: narrowing)
        #expect(Set(found.results.map(\.ref)) == [2, 5])
        #expect(found.results.allSatisfy { $0.kind == Catalogue.note })
        #expect(found.total == 2)
    }

    @Test("a filter that nothing passes finds nothing", arguments: SearchMode.allCases)
    func nothingPasses(mode: SearchMode) async throws {
        let narrowing = SearchNarrowing(kind: Catalogue.note, refs: "SELECT ref FROM notes WHERE ref > 99")
        let found = try await catalogue().search("tea", mode, narrowing: narrowing)
        #expect(found.results.isEmpty)
        #expect(found.total == 0)
    }

    @Test("a filter leaves the scores of words as they are")
    func scores() async throws {
        let catalogue = try await catalogue()
        let all = try await catalogue.search("tea part").results
        let narrowing = SearchNarrowing(kind: Catalogue.note, refs: "SELECT ref FROM notes WHERE ref = 3")
        let one = try await catalogue.search("tea part", narrowing: narrowing).results
        #expect(one.map(\.score) == all.filter { $0.ref == 3 && $0.kind == Catalogue.note }.map(\.score))
    }

    @Test("a filter widens by what it refers to only, whoever's catalogue it is")
    func othersRefs() async throws {
        let catalogue = try await catalogue()
        try await catalogue.put(Catalogue.entry(3, "Grace's tea", in: Catalogue.grace))
        let narrowing = SearchNarrowing(kind: Catalogue.note, refs: "SELECT ref FROM notes")
        let found = try await catalogue.search("tea", in: Catalogue.grace, narrowing: narrowing)
        #expect(found.results.map(\.title) == ["Grace's tea"])
    }

    @Test("what was taken out is gone in every mode", arguments: SearchMode.allCases)
    func removed(mode: SearchMode) async throws {
        let catalogue = try await catalogue()
        // Asked before as well, so that its vectors are in memory.
        #expect(try await catalogue.find("tea", mode).count == 7)
        try await catalogue.remove(4)
        let found = try await catalogue.search("tea", mode, limit: 100)
        #expect(!found.results.contains { $0.ref == 4 })
        #expect(found.total == 6)
    }
}
