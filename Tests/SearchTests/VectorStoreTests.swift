import Persistence
import TestSupport
import Testing

@testable import Search

@Suite("A space's vectors, whichever store they are in")
struct VectorStoreTests {
    private typealias Library = PassageLibrary

    @Test("the nearest come first, with exact scores", arguments: Store.allCases)
    func nearest(store: Store) async throws {
        let library = try await Library(store)
        for ref in 1...20 {
            try await library.put(Int64(ref), [Library.direction(0, Float(ref) / 25, and: 1)])
        }
        try await library.store.catchUp()
        let found = try #require(try await library.nearest(Library.direction(0), limit: 5))
        #expect(found.map(\.ref) == [20, 19, 18, 17, 16])
        for hit in found { #expect(abs(hit.score - Float(hit.ref) / 25) < 1e-5) }
    }

    @Test("another space's passages are never found", arguments: Store.allCases)
    func isolation(store: Store) async throws {
        let library = try await Library(store)
        try await library.put(1, [Library.direction(0)], in: Library.ada)
        for ref in Int64(2)...40 { try await library.put(ref, [Library.direction(0)], in: Library.grace) }
        try await library.store.catchUp()
        #expect(try await library.find(Library.direction(0), in: Library.ada) == [1])
        #expect(try await library.find(Library.direction(0), in: Library.grace, limit: 100).count == 39)
    }

    @Test("an item's best passage stands for it, however many it has", arguments: Store.allCases)
    func manyPassages(store: Store) async throws {
        let library = try await Library(store)
        try await library.put(1, (1...60).map { Library.direction(0, 0.9, and: $0) })
        try await library.put(2, [Library.direction(5), Library.direction(0, 0.95, and: 7), Library.direction(6)])
        try await library.put(3, [Library.direction(0, 0.5, and: 3)])
        try await library.store.catchUp()
        let found = try #require(try await library.nearest(Library.direction(0), limit: 3))
        #expect(found.map(\.ref) == [2, 1, 3])
        #expect(found.first?.passage == 1)
        #expect(!found.contains { $0.ref != 1 && !$0.bestIsSame })
    }

    @Test("new passages take the place of the old ones", arguments: Store.allCases)
    func replacement(store: Store) async throws {
        let library = try await Library(store)
        try await library.put(1, [Library.direction(0), Library.direction(1)])
        try await library.put(2, [Library.direction(2)])
        try await library.store.catchUp()
        #expect(try await library.find(Library.direction(0), limit: 1) == [1])
        try await library.put(1, [Library.direction(3)])
        try await library.put(2, [Library.direction(0, 0.8, and: 4)])
        try await library.store.catchUp()
        let found = try #require(try await library.nearest(Library.direction(0), limit: 2))
        #expect(found.first?.ref == 2)
        #expect(abs((found.first?.score ?? 0) - 0.8) < 1e-5)
        #expect(found.dropFirst().allSatisfy { $0.score < 0.01 })
    }

    @Test("what was removed is gone", arguments: Store.allCases)
    func removal(store: Store) async throws {
        let library = try await Library(store)
        for ref in Int64(1)...5 { try await library.put(ref, [Library.direction(0), Library.direction(Int(ref))]) }
        try await library.store.catchUp()
        #expect(try await library.find(Library.direction(0)).count == 5)
        for ref in [Int64(2), 4] { try await library.remove(ref) }
        // At once, also where the store hears of it later.
        #expect(Set(try await library.find(Library.direction(0))) == [1, 3, 5])
        try await library.store.catchUp()
        #expect(Set(try await library.find(Library.direction(0))) == [1, 3, 5])
    }

    @Test("only what a filter lets through is found, few or many", arguments: Store.allCases)
    func narrowing(store: Store) async throws {
        let library = try await Library(store)
        try await library.catalogue.putMany(1...1500) { Library.direction(0, Float($0) / 2000, and: 1) }
        try await library.store.catchUp()
        let few = try await library.find(
            Library.direction(0), among: "SELECT ref FROM notes WHERE ref IN (3, 700, 99999)")
        #expect(few == [700, 3])
        let many = try await library.find(
            Library.direction(0), limit: 3, among: "SELECT ref FROM notes WHERE ref <= 1200")
        #expect(many == [1200, 1199, 1198])
        let none = try await library.find(Library.direction(0), among: "SELECT ref FROM notes WHERE ref > 5000")
        #expect(none.isEmpty)
    }

    @Test("an empty space finds nothing", arguments: Store.allCases)
    func empty(store: Store) async throws {
        let library = try await Library(store)
        try await library.store.catchUp()
        #expect(try await library.nearest(Library.direction(0)) == [])
        try await library.put(1, [Library.direction(0)])
        try await library.remove(1)
        try await library.store.catchUp()
        #expect(try await library.nearest(Library.direction(0)) == [])
    }

    @Test("a zero vector breaks nothing, neither as a passage nor as a question", arguments: Store.allCases)
    func zero(store: Store) async throws {
        let library = try await Library(store)
        let zero = [Float](repeating: 0, count: 384)
        try await library.put(1, [Library.direction(0)])
        try await library.put(2, [zero])
        try await library.store.catchUp()
        let found = try #require(try await library.nearest(Library.direction(0)))
        #expect(found.first?.ref == 1)
        #expect(found.dropFirst().allSatisfy { $0.score == 0 })
        let nearNothing = try #require(try await library.nearest(zero))
        #expect(nearNothing.allSatisfy { $0.score == 0 })
    }

    @Test("a store made anew finds the same", arguments: Store.allCases)
    func rebuilt(store: Store) async throws {
        let library = try await Library(store)
        for ref in Int64(1)...30 { try await library.put(ref, [Library.direction(0, Float(ref) / 40, and: 1)]) }
        try await library.remove(30)
        try await library.store.catchUp()
        let before = try await library.nearest(Library.direction(0), limit: 30)
        try await library.store.rebuild()
        #expect(try await library.nearest(Library.direction(0), limit: 30) == before)
        #expect(before?.count == 29)
    }

    @Test("hybrid search ranks alike", arguments: Store.allCases.filter { $0 != .memory })
    func hybrid(store: Store) async throws {
        let memory = try await Catalogue(.real, store: .memory)
        let other = try await Catalogue(.real, store: store)
        for catalogue in [memory, other] {
            for (ref, (title, content)) in SmallLibrary.pages.enumerated() {
                try await catalogue.putEmbedded(Catalogue.entry(Int64(ref + 1), title), content: content)
            }
            try await catalogue.store.vectors.catchUp()
        }
        for query in SmallLibrary.queries {
            for mode in SearchMode.allCases {
                let expected = try await memory.search(query, mode, limit: 50).results
                let found = try await other.search(query, mode, limit: 50).results
                #expect(found.map(\.ref) == expected.map(\.ref), "\(query), \(mode)")
                for (one, two) in zip(found, expected) { #expect(abs(one.score - two.score) < 0.01) }
            }
        }
    }
}

/// Pages of a small library, and what may be asked of it.
private enum SmallLibrary {
    static let pages = [
        ("Feline companions", "Kittens sleep for most of the day and purr when they are content."),
        ("Sourdough basics", "Flour, water and salt are fermented overnight, then baked in a hot oven."),
        ("Tidal power", "Turbines below the surface turn the movement of the sea into electricity."),
        ("Green tea", "Leaves are steamed, rolled and dried; water below the boil keeps them sweet."),
        ("Sorting in linear time", "Radix sort places keys digit by digit and compares none of them."),
        ("A walk in the Dolomites", "The path climbs through larch woods to a hut below pale towers of rock."),
        ("Compound interest", "Interest earns interest: small differences of the rate grow large over decades."),
        ("Training a puppy", "Short lessons, small treats, and an end while the dog still wants more."),
    ]

    static let queries = [
        "how do cats behave", "making a loaf at home", "renewable energy from the ocean", "water temperature",
        "algorithm without comparisons", "mountains", "saving money for retirement", "dog",
    ]
}
