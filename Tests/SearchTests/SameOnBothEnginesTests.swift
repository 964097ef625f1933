import Foundation
import Persistence
import TestSupport
import Testing

@testable import Search

@Suite("Words are found alike on every engine")
struct SameOnBothEnginesTests {
    /// Titles, tags and contents that are hard on an index of words.
    private static let library: [(title: String, tags: [String], content: String)] = [
        (
            "Tea & \"coffee\"", ["drinks"],
            "It's a 'quoted' leaf: \\backslash\\ and % per _cent; DROP TABLE search_words;--"
        ),
        ("東京の茶", ["日本"], "お茶は緑茶です。 東京タワー"), ("🍵🫖", ["🍵"], "A cup of 🍵 a day. 👩‍👩‍👧‍👦 family"),
        ("C++ & node.js & F#", ["code"], "std::vector<int> a{1}; $1 $2 ? :name @@ to_tsquery('a & b | !c:*')"),
        ("café naïve Straße", [], "CAFE NAIVE STRASSE cafe\u{301} ＦＵＬＬ ｗｉｄｔｈ"),
        ("A very long word", [], String(repeating: "a", count: 5000) + " " + String(repeating: "東京", count: 3000)),
        ("Everything", [], (0..<70_000).map { "word\($0)" }.joined(separator: " ")),
        ("The same again", [], String(repeating: "tea leaves ", count: 20_000)),
        ("", [], ""), ("The the the", ["the"], "the of and to in"),
        ("Tea leaves", ["drinks", "winter"], "The leaves are steamed, rolled and dried."),
        ("Leaves of grass", ["poems"], "I loafe and invite my soul"), ("NUL\u{0}in\u{0}side", [], "before\u{0}after"),
    ]

    private static let queries = [
        "tea", "tea leaves", "leaves", "\"tea\"", "'quoted'", "it's", "\\backslash\\", "% _", "a | b", "!tea",
        "tea & leaves",
        "tea:*", "tea OR leaves NOT drinks", "NEAR(tea leaves)", "head:tea", "(", "\"", "'", "''; DROP TABLE users; --",
        "東京", "緑茶", "お茶", "🍵", "👩‍👩‍👧‍👦", "c++", "node.js nodejs", "f#", "CAFÉ", "strasse", "full width", "the", "drinks",
        "$1", "?", ":name", "", " \n\t ", "\u{0}", "before after", "word0", "word69999", "word35000 tea",
        "nothing like it",
        String(repeating: "a", count: 5000), String(repeating: "東京", count: 3000),
        (0..<2000).map { "word\($0 * 7)" }.joined(separator: " "), String(repeating: "tea leaves ", count: 900),
        String(repeating: "\"", count: 3000), String(repeating: "(", count: 3000),
    ]

    private func fill(_ catalogue: Catalogue) async throws {
        for (number, entry) in Self.library.enumerated() {
            for space in [Catalogue.ada, Catalogue.grace] {
                try await catalogue.put(
                    Catalogue.entry(
                        Int64(number), entry.title, in: space, tags: entry.tags,
                        notes: entry.content.prefix(100).description),
                    content: entry.content)
            }
        }
    }

    private func answers(_ query: String, _ catalogue: Catalogue) async throws -> [String] {
        try await catalogue.search(query, limit: 100).results.map { result in
            "\(result.ref) \(result.score) \(result.textScore ?? -1) \(result.snippet)"
        }
    }

    @Test("the same entries in the same order, with the same scores, for whatever is asked")
    func sameAnswers() async throws {
        let here = try await Catalogue()
        let onSQLite = try await Catalogue(
            on: try SQLiteEngine(path: here.records.folder.path("other.sqlite")), opening: Store.memory.open)
        for catalogue in [here, onSQLite] {
            try await fill(catalogue)
            // What is changed and removed is found as it is by then.
            try await catalogue.put(Catalogue.entry(10, "Tea of winter", tags: ["cold"]))
            try await catalogue.remove(11)
        }
        for query in Self.queries {
            let (found, expected) = try await (answers(query, here), answers(query, onSQLite))
            #expect(found == expected, "\(query.prefix(80))")
        }
        #expect(try await here.find("tea").count == 3)
        #expect(try await here.find("word69999").first == 6)
        #expect(try await here.find("poems").isEmpty)
    }

    @Test("a long list of what may be found narrows alike")
    func narrowed() async throws {
        let here = try await Catalogue()
        let onSQLite = try await Catalogue(
            on: try SQLiteEngine(path: here.records.folder.path("other.sqlite")), opening: Store.memory.open)
        var found: [[Int64]] = []
        for catalogue in [here, onSQLite] {
            for number in Int64(1)...300 {
                try await catalogue.put(Catalogue.entry(number, "Tea number \(number)"), content: "x")
            }
            let narrowing = SearchNarrowing(
                kind: Catalogue.note, refs: "SELECT ref FROM notes WHERE ref > 100 AND ref % 3 = 0")
            found.append(try await catalogue.search("tea", limit: 100, narrowing: narrowing).results.map(\.ref))
        }
        #expect(found[0] == found[1])
        #expect(found[0].count == 67)
    }
}
