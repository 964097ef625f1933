import Testing

@testable import Search

@Suite("One person's catalogue and another's")
struct CatalogueIsolationTests {
    private static let books = [
        "Bread and butter", "The history of tea", "A garden of tea roses", "Butter lamps of the monastery",
    ]

    private func fill(_ catalogue: Catalogue, for space: Space, from first: Int64) async throws {
        for (offset, title) in Self.books.enumerated() {
            try await catalogue.putEmbedded(
                Catalogue.entry(first + Int64(offset), title, in: space), content: "\(title), told at length over tea.")
        }
    }

    @Test("what others save changes no score", arguments: [SearchMode.text, .hybrid, .semantic])
    func scores(mode: SearchMode) async throws {
        let catalogue = try await Catalogue(.real)
        try await fill(catalogue, for: Catalogue.ada, from: 1)
        let queries = ["tea", "butter garden", "a warm drink"]
        var before: [[Double]] = []
        for query in queries { before.append(try await catalogue.search(query, mode).results.map(\.score)) }

        for number in 0..<30 {
            try await catalogue.put(
                Catalogue.entry(100 + Int64(number), "Tea \(number)", in: Catalogue.grace),
                content: "tea butter garden drink " + String(repeating: "tea ", count: number))
        }
        try await fill(catalogue, for: Catalogue.grace, from: 200)

        for (query, scores) in zip(queries, before) {
            let found = try await catalogue.search(query, mode)
            #expect(found.results.map(\.score) == scores)
            #expect(found.results.allSatisfy { $0.ref < 100 })
            #expect(found.total == scores.count)
        }
    }

    @Test("an empty catalogue finds nothing, however much others have", arguments: SearchMode.allCases)
    func empty(mode: SearchMode) async throws {
        let catalogue = try await Catalogue(.real)
        try await fill(catalogue, for: Catalogue.grace, from: 1)
        let found = try await catalogue.search("tea", mode)
        #expect(found.results.isEmpty)
        #expect(found.total == 0)
    }

    @Test("the same thing in two catalogues is two entries")
    func sameRef() async throws {
        let catalogue = try await Catalogue()
        try await catalogue.put(Catalogue.entry(1, "Ada's tea", in: Catalogue.ada))
        try await catalogue.put(Catalogue.entry(1, "Grace's tea", in: Catalogue.grace))
        try await catalogue.remove(1, from: Catalogue.ada)
        #expect(try await catalogue.find("tea", in: Catalogue.ada).isEmpty)
        #expect(try await catalogue.search("tea", in: Catalogue.grace).results.map(\.title) == ["Grace's tea"])
    }

    @Test("neighbouring numbers of people do not share words")
    func neighbours() async throws {
        let catalogue = try await Catalogue()
        let people = (1...40).map { Space.personal(ofUser: $0) }
        for person in people {
            try await catalogue.put(Catalogue.entry(person.rawValue, "tea of \(person.rawValue)", in: person))
        }
        for person in people { #expect(try await catalogue.find("tea", in: person) == [person.rawValue]) }
    }
}
