import Accounts
import Foundation
import Persistence
import Search
import Testing

@testable import Bookmarks

@Suite("Listing bookmarks")
struct BookmarkListTests {
    private func filled() async throws -> Library {
        let library = try await Library()
        try await library.save("https://www.example.org/tea", tags: ["Drinks", "winter"], category: "Kitchen")
        try await library.save("https://example.org/coffee", tags: ["drinks"], category: "Office")
        try await library.save("https://news.example.org/rain", tags: ["winter"], category: "Kitchen")
        try await library.save("https://other.example/snow")
        try await library.save("https://example.org/tea", title: "Grace's", tags: ["drinks"], for: library.grace)
        return library
    }

    private func paths(_ bookmarks: [Bookmark]) -> [String] {
        bookmarks.map { String($0.url.split(separator: "/").last ?? "") }
    }

    @Test("the newest come first")
    func newest() async throws {
        #expect(paths(try await filled().list()) == ["snow", "rain", "coffee", "tea"])
    }

    @Test(
        "filters, one by one and together",
        arguments: [
            (BookmarkFilter(tag: "drinks"), ["coffee", "tea"]), (BookmarkFilter(tag: "DRINKS"), ["coffee", "tea"]),
            (BookmarkFilter(tag: " drinks "), ["coffee", "tea"]), (BookmarkFilter(tag: "drink"), []),
            (BookmarkFilter(category: "Kitchen"), ["rain", "tea"]),
            (BookmarkFilter(domain: "example.org"), ["coffee", "tea"]),
            (BookmarkFilter(domain: "WWW.example.org"), ["coffee", "tea"]), (BookmarkFilter(status: .ready), []),
            (BookmarkFilter(status: .pending, domain: "news.example.org"), ["rain"]),
            (BookmarkFilter(tag: "winter", category: "Kitchen", domain: "example.org"), ["tea"]),
            (BookmarkFilter(to: .distantPast), []),
            (BookmarkFilter(from: .distantPast, to: .distantFuture), ["snow", "rain", "coffee", "tea"]),
        ])
    func filters(filter: BookmarkFilter, expected: [String]) async throws {
        let library = try await filled()
        #expect(paths(try await library.list(filter)) == expected)
        #expect(try await library.count(filter) == expected.count)
    }

    @Test("a tag is found however its accents and spaces are written")
    func tagForms() async throws {
        let library = try await Library()
        try await library.save("https://a.example/", tags: ["Crème  brûlée"])
        for tag in ["crème brûlée", "cre\u{300}me bru\u{302}le\u{301}e", " Crème brûlée"] {
            #expect(try await library.count(BookmarkFilter(tag: tag)) == 1, "\(tag)")
        }
    }

    @Test("both ends of a range of time are in it")
    func range() async throws {
        let library = try await filled()
        let dates = try await library.list().map(\.createdAt)
        let filter = BookmarkFilter(from: dates[2], to: dates[1])
        #expect(paths(try await library.list(filter)) == ["rain", "coffee"])
    }

    @Test("a cursor goes on where a page ended, whatever is saved meanwhile")
    func cursor() async throws {
        let library = try await Library()
        for number in 1...9 { try await library.save("https://example.org/\(number)") }
        var found: [String] = []
        var cursor: BookmarkCursor?
        repeat {
            let page = try await library.service.list(
                BookmarkFilter(), ownedBy: library.ada, after: cursor, offset: 0, limit: 4
            ).bookmarks
            found += paths(page)
            cursor = page.last.map(BookmarkCursor.init(after:))
            try await library.save("https://example.org/new-\(found.count)")
        } while found.count < 9
        #expect(found == ["9", "8", "7", "6", "5", "4", "3", "2", "1"])
    }

    @Test("the number stays right while many save and remove at once")
    func counts() async throws {
        let library = try await Library()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let saved = try await library.save("https://example.org/\(number % 20)")
                    if number.isMultiple(of: 4) {
                        try? await library.service.delete(saved.bookmark.id, ownedBy: library.ada)
                    }
                }
            }
            try await group.waitForAll()
        }
        let rows = try await library.list()
        #expect(try await library.count() == rows.count)
        for bookmark in rows { try await library.service.delete(bookmark.id, ownedBy: library.ada) }
        #expect(try await library.count() == 0)
    }

    @Test("deleting takes everything with it")
    func delete() async throws {
        let library = try await Library()
        let saved = try await library.save(
            "https://example.org/tea", tags: ["drinks"], html: article("Tea", "Tea leaves are steamed."))
        try await library.work()
        #expect(try await library.find("steamed") == [saved.bookmark.id])
        try await library.service.delete(saved.bookmark.id, ownedBy: library.ada)
        let counts: [SQL] = [
            "SELECT COUNT(*) FROM bookmarks", "SELECT COUNT(*) FROM bookmark_tags",
            "SELECT COUNT(*) FROM bookmark_contents",
            "SELECT COUNT(*) FROM bookmark_captures", "SELECT COUNT(*) FROM search_items",
            "SELECT COUNT(*) FROM search_words", "SELECT COUNT(*) FROM search_terms",
            "SELECT COUNT(*) FROM search_passages WHERE vector IS NOT NULL",
        ]
        for count in counts { #expect(try await library.rows(count) == 0, "\(count.text)") }
        for mode in ["text", "hybrid", "semantic"] {
            #expect(try await library.find("steamed", try #require(.init(rawValue: mode))).isEmpty)
        }
        await #expect(throws: BookmarkFailure.notFound) {
            try await library.service.delete(saved.bookmark.id, ownedBy: library.ada)
        }
        #expect(try await library.save("https://example.org/tea").isNew)
    }
}

@Suite("Changing a bookmark")
struct BookmarkUpdateTests {
    @Test("only what is sent changes")
    func partial() async throws {
        let library = try await Library()
        let saved = try await library.save(
            "https://example.org/", title: "Tea", notes: "Warm", tags: ["drinks"], category: "Kitchen"
        ).bookmark
        let renamed = try await library.service.update(saved.id, .init(title: "Coffee"), ownedBy: library.ada)
        #expect(renamed.title == "Coffee")
        #expect((renamed.notes, renamed.tags, renamed.category) == (saved.notes, saved.tags, saved.category))
        #expect(renamed.updatedAt > saved.updatedAt)
        let emptied = try await library.service.update(
            saved.id, .init(title: "  ", notes: "", tags: [], category: .some(nil)), ownedBy: library.ada)
        #expect(emptied.title == "Coffee")
        #expect((emptied.notes, emptied.tags, emptied.category) == ("", [], nil))
        #expect(try await library.bookmark(saved.id) == emptied)
        #expect(try await library.count(BookmarkFilter(tag: "drinks")) == 0)
        #expect(try await library.find("tea").isEmpty)
        #expect(try await library.find("coffee") == [saved.id])
    }

    @Test("a title of one's own is never replaced by the page's")
    func ownTitle() async throws {
        let library = try await Library()
        let html = article("The page's own title", "Tea leaves are steamed.")
        let early = try await library.save("https://example.org/1", title: "Mine", html: html).bookmark
        let late = try await library.save("https://example.org/2", html: html).bookmark
        _ = try await library.service.update(late.id, .init(title: "Mine too"), ownedBy: library.ada)
        let none = try await library.save("https://example.org/3", html: html).bookmark
        try await library.work()
        #expect(try await library.bookmark(early.id).title == "Mine")
        #expect(try await library.bookmark(late.id).title == "Mine too")
        #expect(try await library.bookmark(none.id).title == "The page's own title")
    }

    @Test("the words of the page stay findable, without another fetch")
    func contentIsKept() async throws {
        let library = try await Library()
        let saved = try await library.save(
            "https://example.org/", html: article("Tea", "Leaves are steamed in bamboo baskets.")
        ).bookmark
        try await library.work()
        _ = try await library.service.update(saved.id, .init(tags: ["drinks"]), ownedBy: library.ada)
        for word in ["bamboo", "drinks", "tea"] { #expect(try await library.find(word) == [saved.id]) }
        #expect(try await library.rows("SELECT COUNT(*) FROM search_items WHERE embedding <> 'done'") == 0)
    }
}
