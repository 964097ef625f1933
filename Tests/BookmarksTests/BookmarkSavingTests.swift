import Accounts
import Foundation
import Jobs
import Persistence
import Search
import Testing

@testable import Bookmarks

@Suite("Saving a link")
struct BookmarkSavingTests {
    @Test("keeps the address as it was given, and answers at once")
    func saved() async throws {
        let library = try await Library()
        let saved = try await library.save("  https://WWW.Example.org/Tea?utm_source=mail  ", tags: ["Drinks"])
        #expect(saved.isNew)
        #expect(saved.bookmark.url == "https://WWW.Example.org/Tea?utm_source=mail")
        #expect(saved.bookmark.domain == "example.org")
        #expect(saved.bookmark.status == .pending)
        #expect(saved.bookmark.title == "https://example.org/Tea")
        #expect(try await library.bookmark(saved.bookmark.id) == saved.bookmark)
        let job = try #require(saved.job)
        let urgent = try await library.rows(
            "SELECT COUNT(*) FROM jobs WHERE id = \(job) AND priority = \(JobPriority.interactive)")
        #expect(urgent == 1)
    }

    @Test(
        "the same link twice keeps one bookmark",
        arguments: [
            ("https://example.org/tea", "exact"), ("http://www.example.org/tea/", "normalized"),
            ("https://example.org/tea?utm_campaign=x&fbclid=1", "normalized"), ("example.org/tea", "normalized"),
            ("HTTPS://EXAMPLE.ORG:443/./tea", "normalized"), (" https://example.org/tea\n", "exact"),
        ])
    func duplicate(again: String, match: String) async throws {
        let library = try await Library()
        let first = try await library.save("https://example.org/tea", title: "Tea")
        let second = try await library.save(again, title: "Another title", tags: ["new"])
        #expect(!second.isNew)
        #expect(second.job == nil)
        #expect(second.bookmark == first.bookmark)
        #expect(second.duplicate?.match.rawValue == match)
        #expect(try await library.count() == 1)
    }

    @Test("a link that differs in its query is another one, with a hint")
    func similar() async throws {
        let library = try await Library()
        let first = try await library.save("https://example.org/tea?page=1")
        let second = try await library.save("https://example.org/tea?page=2")
        let third = try await library.save("https://example.org/coffee?page=2")
        #expect(second.isNew)
        #expect(second.duplicate == Duplicate(match: .similar, id: first.bookmark.id))
        #expect(third.duplicate == nil)
    }

    @Test("notes as long as a book are kept whole and found from their first word to their last")
    func longNotes() async throws {
        let library = try await Library()
        let notes = "samovar " + String(repeating: "The leaves are steamed at dawn. ", count: 16_000) + "teapot"
        let saved = try await library.save("https://example.org/tea", notes: notes)
        #expect(saved.bookmark.notes == notes)
        for word in ["samovar", "teapot"] { #expect(try await library.find(word) == [saved.bookmark.id]) }
        let renamed = try await library.service.update(
            saved.bookmark.id, BookmarkService.Changes(title: "Kettle"), ownedBy: library.ada)
        #expect(renamed.notes == notes)
        for word in ["teapot", "kettle"] { #expect(try await library.find(word) == [saved.bookmark.id]) }
    }

    @Test("ten who save the same link at once keep one bookmark, and only one job")
    func race() async throws {
        let library = try await Library()
        let saved = try await withThrowingTaskGroup(of: BookmarkService.Saved.self) { group in
            for number in 0..<10 {
                group.addTask { try await library.save("https://example.org/tea?utm_source=\(number)") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(saved.map(\.bookmark.id)).count == 1)
        #expect(saved.count(where: \.isNew) == 1)
        #expect(try await library.rows("SELECT COUNT(*) FROM jobs") == 1)
    }

    @Test(
        "what is no web address is refused, and nothing is kept",
        arguments: [
            "", "   ", "tea", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://example.org/",
            "http://",
            "mailto:ada@example.org", "http://exa mple.org/", "about:blank",
            "https://example.org/" + String(repeating: "a", count: 33_000),
        ])
    func refused(url: String) async throws {
        let library = try await Library()
        await #expect(throws: BookmarkFailure.self) { try await library.save(url) }
        #expect(try await library.count() == 0)
        #expect(try await library.rows("SELECT COUNT(*) FROM jobs") == 0)
    }

    @Test("a refused tag or category keeps nothing either")
    func refusedFields() async throws {
        let library = try await Library()
        let long = String(repeating: "x", count: 101)
        await #expect(throws: BookmarkFailure.self) { try await library.save("https://a.example/", tags: [long]) }
        await #expect(throws: BookmarkFailure.self) { try await library.save("https://a.example/", category: long) }
        await #expect(throws: BookmarkFailure.self) {
            try await library.save("https://a.example/", tags: (0...200).map { "tag \($0)" })
        }
        #expect(try await library.count() == 0)
    }

    @Test("is found by its words at once, also by those of its address")
    func foundAtOnce() async throws {
        let library = try await Library()
        let tea = try await library.save(
            "https://example.org/samovar-history", notes: "For the winter", tags: ["drinks"], category: "Kitchen")
        for word in ["samovar", "winter", "drinks", "kitchen", "example.org"] {
            #expect(try await library.find(word) == [tea.bookmark.id], "\(word)")
        }
    }

    @Test("the check says what there is, and of a similar link that it is not the same")
    func check() async throws {
        let library = try await Library()
        let saved = try await library.save("https://example.org/tea?page=1").bookmark
        let exact = try await library.service.check("https://example.org/tea?page=1", for: library.ada)
        #expect(exact?.duplicate == Duplicate(match: .exact, id: saved.id))
        let other = try await library.service.check("http://www.example.org/tea?page=1&gclid=5", for: library.ada)
        #expect(other?.duplicate == Duplicate(match: .normalized, id: saved.id))
        let similar = try await library.service.check("https://example.org/tea?page=2", for: library.ada)
        #expect(similar?.duplicate == Duplicate(match: .similar, id: saved.id))
        #expect(try await library.service.check("https://example.org/coffee", for: library.ada) == nil)
        #expect(try await library.service.check("https://example.org/tea?page=1", for: library.grace) == nil)
        await #expect(throws: BookmarkFailure.self) { try await library.service.check("no address", for: library.ada) }
    }
}

@Suite("Tags")
struct TagListTests {
    @Test(
        "are kept in order, each once, without needless space",
        arguments: [
            (["tea", "Tea", "TEA"], ["tea"]), (["  green   tea "], ["green tea"]), (["", "  ", "tea"], ["tea"]),
            (["b", "a", "b"], ["b", "a"]), (["cafe\u{301}", "café"], ["café"]), (["line\nbreak"], ["line break"]),
            ([String(repeating: "x", count: 100)], [String(repeating: "x", count: 100)]),
        ])
    func rules(given: [String], kept: [String]) throws {
        let list = try TagList(given)
        #expect(list.names == kept)
        #expect(TagList(stored: list.stored) == list)
    }

    @Test("an empty list is stored and read as one")
    func empty() throws {
        #expect(TagList(stored: try TagList([]).stored).names.isEmpty)
    }

    @Test("are limited in length and number")
    func limits() {
        #expect(throws: BookmarkFailure.self) { try TagList([String(repeating: "x", count: 101)]) }
        #expect(throws: BookmarkFailure.self) { try TagList((0...TagList.limit).map(String.init)) }
    }
}
