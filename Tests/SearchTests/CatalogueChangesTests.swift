import Foundation
import Persistence
import TestSupport
import Testing
import Vectors

@testable import Jobs
@testable import Search

@Suite("The catalogue follows every change")
struct CatalogueChangesTests {
    private static let words =
        "tea coffee garden bread butter rain snow harbour lantern cathedral running ran café 東京 C++ node.js the".split(
            separator: " ")

    /// What an entry should be by now.
    private struct Note {
        var entry: SearchEntry
        var content: String?
        var embedding = EmbeddingState.due
        var passages: [EmbeddedPassage] = []

        /// How it is put into a new catalogue.
        var meaning: EntryMeaning {
            switch embedding {
            case .done: .embedded(passages)
            case .due: .due
            case .awaited: .awaited
            }
        }
    }

    /// A life of random changes, and what they should have come to.
    private struct Chance {
        var numbers: RandomNumbers
        var notes: [String: Note] = [:]

        mutating func text(upTo count: Int) -> String {
            (0..<Int.random(in: 0...count, using: &numbers))
                .map { _ in String(CatalogueChangesTests.words.randomElement(using: &numbers) ?? "") }.joined(
                    separator: " ")
        }

        mutating func passages() -> [EmbeddedPassage] {
            (0..<Int.random(in: 0...3, using: &numbers)).map { number in
                var vector = (0..<384).map { _ in Float.random(in: -1...1, using: &numbers) }
                let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
                vector = vector.map { $0 / length }
                return EmbeddedPassage(range: number * 10..<number * 10 + 12, vector: vector)
            }
        }

        mutating func entry() -> SearchEntry {
            let ref = Int64.random(in: 1...8, using: &numbers)
            return Catalogue.entry(
                ref, text(upTo: 4), in: Bool.random(using: &numbers) ? Catalogue.ada : Catalogue.grace,
                tags: text(upTo: 3).split(separator: " ").map(String.init), notes: text(upTo: 5), site: text(upTo: 2),
                address: "https://example.org/\(text(upTo: 1))",
                kind: Bool.random(using: &numbers) ? Catalogue.note : SearchKind(rawValue: "letter"))
        }

        static func place(_ entry: SearchEntry) -> String {
            "\(entry.space.rawValue) \(entry.kind.rawValue) \(entry.ref)"
        }

        mutating func meaning(keeping canKeep: Bool) -> EntryMeaning {
            switch Int.random(in: 0..<6, using: &numbers) {
            case 0: .due
            case 1: .awaited
            case 2...3 where canKeep: .kept
            default: .embedded(passages())
            }
        }

        mutating func expect(_ entry: SearchEntry, _ content: String?, _ meaning: EntryMeaning) {
            let known = notes[Self.place(entry)]
            var note = known ?? Note(entry: entry)
            switch meaning {
            case .embedded(let passages): (note.embedding, note.passages) = (.done, passages)
            case .due: note.embedding = .due
            case .awaited: note.embedding = .awaited
            case .kept: if note.embedding == .done && note.entry.title != entry.title { note.embedding = .due }
            }
            note.entry = entry
            note.content = content ?? note.content
            notes[Self.place(entry)] = note
        }
    }

    @Test("words, statistics and passages are what they would be if it were made anew", arguments: 1...6)
    func randomChanges(seed: UInt64) async throws {
        var chance = Chance(numbers: RandomNumbers(seed: seed))
        let lived = try await Catalogue()
        for step in 1...60 {
            let entry = chance.entry()
            if Int.random(in: 0..<4, using: &chance.numbers) == 0 {
                try await lived.remove(entry.ref, from: entry.space, kind: entry.kind)
                chance.notes[Chance.place(entry)] = nil
            } else {
                let content = Bool.random(using: &chance.numbers) ? chance.text(upTo: 30) : nil
                let meaning = chance.meaning(keeping: content == nil)
                try await lived.put(entry, content: content, meaning: meaning)
                chance.expect(entry, content, meaning)
            }
            if step.isMultiple(of: 20) { try await compare(lived, with: chance.notes) }
        }
    }

    private func compare(_ lived: Catalogue, with notes: [String: Note]) async throws {
        let fresh = try await Catalogue()
        for note in notes.values {
            try await fresh.put(note.entry, content: note.content, meaning: note.meaning)
        }
        let (found, leftovers) = try await lived.database.read {
            (try CatalogueState($0), try CatalogueState.leftovers($0))
        }
        let expected = try await fresh.database.read { try CatalogueState($0) }
        #expect(found.items == expected.items)
        #expect(found.terms == expected.terms)
        #expect(found.totals == expected.totals)
        // Passages that are stale stay until the backlog replaces them; those of embedded entries are exact.
        let embedded = Set(expected.items.filter { $0.embedding == .done }.map(\.place))
        #expect(found.passages.filter { embedded.contains($0.place) } == expected.passages)
        #expect(leftovers == [0, 0, 0, 0])
    }

    @Test("the database finds its word index sound after many changes")
    func soundIndex() async throws {
        var chance = Chance(numbers: RandomNumbers(seed: 42))
        let catalogue = try await Catalogue()
        for _ in 1...80 {
            let entry = chance.entry()
            if Bool.random(using: &chance.numbers) {
                try await catalogue.put(entry, content: chance.text(upTo: 20))
            } else {
                try await catalogue.remove(entry.ref, from: entry.space, kind: entry.kind)
            }
        }
        try await catalogue.database.write { connection in
            switch connection.dialect {
            case .sqlite:
                try connection.execute("INSERT INTO search_words (search_words, rank) VALUES ('integrity-check', 1)")
            case .postgresql:
                let stray = try Self.strayLexemes(connection)
                #expect(stray == 0)
            }
        }
    }

    /// Entries of PostgreSQL's index that are not what their words say, and words without an entry.
    private static func strayLexemes(_ connection: SQLConnection) throws -> Int? {
        try connection.value(
            """
            SELECT COUNT(*) FROM search_lexemes FULL JOIN (
                SELECT words.rowid, array_agg(DISTINCT search_lexeme(words.rowid >> 40, word)) AS own
                FROM search_words AS words, string_to_table(trim(head || ' ' || body), ' ') AS word
                GROUP BY words.rowid) AS expected USING (rowid)
            WHERE (SELECT array_agg(DISTINCT number) FROM unnest(lexemes) AS number) IS DISTINCT FROM own
            """)
    }

    /// SQLite keeps no numbers.
    @Test(
        "the numbers of words lie outside of their rows, which a search reads",
        .enabled(if: TestDatabase.server != nil, "PostgreSQL's alone"), arguments: [20, 100, 255, 400])
    func thinRows(words: Int) async throws {
        let catalogue = try await Catalogue()
        for entry in Int64(1)...50 {
            let content = (0..<words).map { "word\($0)x\(entry)" }.joined(separator: " ")
            try await catalogue.put(Catalogue.entry(entry, "Note"), content: content)
        }
        let bytes = try await catalogue.database.read { connection in
            try connection.value("SELECT pg_relation_size('search_lexemes')", as: Int.self)
        }
        // A page of 8 KB holds about a hundred rows without their numbers.
        #expect(bytes == 8192)
    }

    @Test("the vectors in memory follow the rows")
    func vectorsFollow() async throws {
        var chance = Chance(numbers: RandomNumbers(seed: 7))
        let catalogue = try await Catalogue()
        let following = MemoryVectors(dimensions: 384)
        for _ in 1...40 {
            let entry = chance.entry()
            if Int.random(in: 0..<3, using: &chance.numbers) == 0 {
                try await catalogue.remove(entry.ref, from: entry.space, kind: entry.kind)
            } else {
                try await catalogue.put(entry, content: "x", meaning: .embedded(chance.passages()))
            }
            let target = chance.passages().first?.vector ?? [Float](repeating: 0.05, count: 384)
            for space in [Catalogue.ada, Catalogue.grace] {
                let (found, expected) = try await catalogue.database.read { connection in
                    let fresh = MemoryVectors(dimensions: 384)
                    let rows = PassageRows(space: space, connection: connection)
                    return (
                        try following.partition(of: rows).searchGroups(target, limit: 50),
                        try fresh.partition(of: rows).searchGroups(target, limit: 50)
                    )
                }
                #expect(Set(found.map(\.id)) == Set(expected.map(\.id)))
            }
        }
    }

    @Test("rows that say what was removed are cleaned away once nobody can lack them, and no passage is")
    func cleaning() async throws {
        var chance = Chance(numbers: RandomNumbers(seed: 11))
        let catalogue = try await Catalogue()
        for _ in 1...30 { try await catalogue.put(chance.entry(), content: "x", meaning: .embedded(chance.passages())) }
        let passages: SQL = "SELECT COUNT(*) FROM search_passages WHERE vector IS NOT NULL"
        let removals: SQL = "SELECT COUNT(*) FROM search_passages WHERE removes IS NOT NULL"
        let (before, removed) = try await (catalogue.count(passages), catalogue.count(removals))
        #expect(before > 0 && removed > 0)
        try await RemovedPassages.cleaning(catalogue.database).run()
        #expect(try await catalogue.count(removals) == removed)

        let longAgo = Date().addingTimeInterval(-3601)
        try await catalogue.database.write { connection in
            try connection.execute(
                "UPDATE search_passages SET removed_at = \(longAgo) WHERE removed_at IS NOT NULL AND id % 2 = 0")
        }
        let old = try await catalogue.count("SELECT COUNT(*) FROM search_passages WHERE removed_at = \(longAgo)")
        try await RemovedPassages.cleaning(catalogue.database).run()
        #expect(old > 0)
        #expect(try await catalogue.count(removals) == removed - old)
        #expect(try await catalogue.count(passages) == before)
    }

    @Test("what was analysed before the transaction is not analysed again, unless the text is another by then")
    func analysedBefore() async throws {
        let catalogue = try await Catalogue()
        let notes = String(repeating: "The samovar hums. ", count: 5000)
        let words = try await catalogue.index.analyze(title: "Kettle", notes: notes)
        #expect(words["Kettle"]?.terms == ["kettl"])
        #expect(words[notes]?.length == 15_000)
        #expect(words["Urn"] == nil)
        try await catalogue.database.write { connection in
            try catalogue.index.put(
                Catalogue.entry(1, "Urn", notes: notes), words: words, in: connection)
        }
        for (word, found) in [("urn", [Int64(1)]), ("samovar", [1]), ("kettle", [])] {
            #expect(try await catalogue.find(word) == found)
        }
        try await compareWithFresh(catalogue, Catalogue.entry(1, "Urn", notes: notes))
    }

    private func compareWithFresh(_ catalogue: Catalogue, _ entry: SearchEntry) async throws {
        let fresh = try await Catalogue()
        try await fresh.put(entry)
        let (found, expected) = try await (
            catalogue.database.read { try CatalogueState($0) }, fresh.database.read { try CatalogueState($0) }
        )
        #expect(found == expected)
    }

    @Test("other words for an entry keep the words of its content")
    func contentIsKept() async throws {
        let catalogue = try await Catalogue()
        try await catalogue.put(Catalogue.entry(1, "Kettle"), content: "A samovar heats water for tea.")
        try await catalogue.put(Catalogue.entry(1, "Urn", tags: ["kitchen"]))
        for word in ["samovar", "urn", "kitchen"] { #expect(try await catalogue.find(word) == [1]) }
        #expect(try await catalogue.find("kettle").isEmpty)
        let found = try await catalogue.search("samovar")
        #expect(found.results.first?.snippet.contains("<mark>samovar</mark>") == true)
        #expect(found.results.first?.title == "Urn")
    }

    @Test("other content takes the words of the content before with it")
    func contentIsReplaced() async throws {
        let catalogue = try await Catalogue()
        try await catalogue.put(Catalogue.entry(1, "Drinks"), content: "samovar")
        try await catalogue.put(Catalogue.entry(1, "Drinks"), content: "teapot")
        #expect(try await catalogue.find("samovar").isEmpty)
        #expect(try await catalogue.find("teapot drinks") == [1])
        try await catalogue.put(Catalogue.entry(1, "Drinks"), content: "")
        #expect(try await catalogue.find("teapot").isEmpty)
    }

    @Test("what was not there can be removed")
    func removingNothing() async throws {
        let catalogue = try await Catalogue()
        try await catalogue.put(Catalogue.entry(1, "Tea", in: Catalogue.grace))
        try await catalogue.remove(1)
        try await catalogue.remove(77)
        #expect(try await catalogue.find("tea", in: Catalogue.grace) == [1])
    }
}
