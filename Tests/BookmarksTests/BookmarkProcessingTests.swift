import Accounts
import Foundation
import Persistence
import Reading
import Search
import TestSupport
import Testing

@testable import Bookmarks
@testable import Jobs

@Suite("Keeping a page")
struct BookmarkProcessingTests {
    @Test("what an extension sent is cleaned away a week after its page failed, and not before")
    func cleaning() async throws {
        let library = try await Library()
        let login = "<title>Sign in</title><form><input type=password></form>"
        let old = try await library.save("https://example.org/old", html: login)
        let fresh = try await library.save("https://example.org/fresh", html: login)
        try await library.work()
        let waiting = try await library.save("https://example.org/waiting", html: login)
        for id in [old.bookmark.id, fresh.bookmark.id] { #expect(try await library.bookmark(id).status == .failed) }

        let weekAgo = Date().addingTimeInterval(-7 * 24 * 60 * 60 - 1)
        try await library.database.write { connection in
            try connection.execute("UPDATE bookmark_captures SET captured_at = \(weekAgo)")
            try connection.execute(
                "UPDATE bookmarks SET updated_at = \(weekAgo) WHERE id <> \(fresh.bookmark.id)")
        }
        try await BookmarkService.cleaning(library.database).run()
        let left = try await library.database.read { connection in
            try connection.values(
                "SELECT bookmark_id FROM bookmark_captures ORDER BY bookmark_id", as: Bookmark.ID.self)
        }
        #expect(left == [fresh.bookmark.id, waiting.bookmark.id])
    }

    @Test("a page is fetched, read, kept and found by what it says")
    func fetched() async throws {
        try await ScriptedSite.run { _ in
            .page(article("The art of tea", "Leaves are steamed in bamboo baskets."))
        } while: { site in
            let library = try await Library()
            let saved = try await library.save(site.address("/tea")).bookmark
            try await library.work()
            let kept = try await library.bookmark(saved.id)
            #expect(kept.status == .ready)
            #expect(kept.title == "The art of tea")
            #expect(kept.failure == nil && kept.nextRetryAt == nil)
            #expect(kept.page.wordCount ?? 0 > 100)
            let content = try await library.service.content(of: saved.id, ownedBy: library.ada)
            #expect(content.text.contains("bamboo baskets"))
            #expect(content.finalURL == site.address("/tea"))
            #expect(try await library.find("bamboo") == [saved.id])
            #expect(try await library.find("how green leaves are prepared", .semantic).first == saved.id)
        }
    }

    @Test("a page that was sent with the link is read and nothing is fetched")
    func sentHTML() async throws {
        try await ScriptedSite.run { _ in
            .page("must not be asked")
        } while: { site in
            let library = try await Library()
            let html = article("Behind a login", "Only members read of the samovar.")
            let saved = try await library.save(site.address("/"), html: html).bookmark
            try await library.work()
            #expect(try await library.bookmark(saved.id).status == .ready)
            #expect(try await library.bookmark(saved.id).title == "Behind a login")
            #expect(try await library.find("samovar") == [saved.id])
            #expect(site.received.isEmpty)
            #expect(try await library.rows("SELECT COUNT(*) FROM bookmark_captures") == 0)
        }
    }

    @Test("a text that was sent is kept as it is, safe to show")
    func sentText() async throws {
        let library = try await Library()
        let saved = try await library.save(
            "https://example.org/", text: "# On tea\n\nA <script>alert(1)</script> & a samovar.\n\nAnother."
        ).bookmark
        try await library.work()
        let kept = try await library.bookmark(saved.id)
        #expect(kept.status == .ready)
        #expect(kept.title == "On tea")
        let content = try await library.service.content(of: saved.id, ownedBy: library.ada)
        #expect(content.text.contains("<script>alert(1)</script> & a samovar."))
        #expect(!content.html.contains("<script"))
        #expect(content.html.contains("samovar"))
    }

    @Test(
        "what cannot get better is said once and not tried again",
        arguments: [
            ("404 Not Found", "The page was not found (404)."), ("410 Gone", "The page is gone (410)."),
            ("403 Forbidden", "The site does not allow this page to be fetched (403)."),
        ])
    func final(status: String, message: String) async throws {
        try await ScriptedSite.run { _ in
            .page("no", status: status)
        } while: { site in
            let library = try await Library()
            let saved = try await library.save(site.address("/tea"), title: "My samovar")
            try await library.work()
            let failed = try await library.bookmark(saved.bookmark.id)
            #expect(failed.status == .failed)
            #expect(failed.failure == message)
            #expect(failed.nextRetryAt == nil)
            let job = try #require(saved.job)
            #expect(try await library.job(job)?.status == .failed)
            #expect(try await library.find("samovar") == [saved.bookmark.id])
            library.clock.advance(by: 3600)
            try await library.work()
            #expect(site.received.count == 1)
        }
    }

    @Test("a site with trouble of its own is tried again after 1 and 5 minutes, and then no more")
    func retries() async throws {
        try await ScriptedSite.run { _ in
            .page("trouble", status: "503 Service Unavailable")
        } while: { site in
            let library = try await Library()
            let id = try await library.save(site.address("/")).bookmark.id
            for (attempt, wait) in [(1, 60.0), (2, 300.0)] {
                let before = library.clock.now
                try await library.work()
                let failed = try await library.bookmark(id)
                #expect(failed.status == .failed)
                #expect(failed.failure == "The site has a problem of its own (503).")
                let retry = try #require(failed.nextRetryAt)
                #expect(abs(retry.timeIntervalSince(before) - wait) < 20)
                #expect(site.received.count == attempt)
                library.clock.advance(by: wait + 30)
            }
            try await library.work()
            let failed = try await library.bookmark(id)
            #expect(failed.nextRetryAt == nil)
            #expect(failed.status == .failed)
            #expect(site.received.count == 3)
        }
    }

    @Test("a first try that ends by an error of ours leaves the bookmark failed, with the time of the next")
    func internalError() async throws {
        let library = try await Library()
        let saved = try await library.save(
            "https://example.org/", title: "My samovar", text: "Brass, mostly.")
        try await library.database.write { try $0.execute("ALTER TABLE bookmark_captures RENAME TO mislaid") }
        let before = library.clock.now
        try await library.work()
        let failed = try await library.bookmark(saved.bookmark.id)
        #expect(failed.status == .failed)
        #expect(failed.failure == "Something went wrong on our side.")
        #expect(abs(try #require(failed.nextRetryAt).timeIntervalSince(before) - 60) < 20)
        #expect(try await library.find("samovar") == [failed.id])

        try await library.database.write { try $0.execute("ALTER TABLE mislaid RENAME TO bookmark_captures") }
        library.clock.advance(by: 90)
        try await library.work()
        let kept = try await library.bookmark(saved.bookmark.id)
        #expect(kept.status == .ready)
        #expect(kept.failure == nil && kept.nextRetryAt == nil)
    }

    @Test("a page that comes at the second try is kept, and the failure forgotten")
    func recovery() async throws {
        let page = article("Tea at last", "Leaves are steamed.")
        let isUp = HandClock()
        let start = isUp.now
        try await ScriptedSite.run { _ in
            isUp.now.timeIntervalSince(start) > 3600
                ? .page(page) : .page("busy", status: "503 Service Unavailable", headers: ["Retry-After: 120"])
        } while: { site in
            let library = try await Library()
            let id = try await library.save(site.address("/")).bookmark.id
            try await library.work()
            let retry = try #require(try await library.bookmark(id).nextRetryAt)
            #expect(abs(retry.timeIntervalSinceNow - 120) < 20)
            isUp.advance(by: 7200)
            library.clock.advance(by: 150)
            try await library.work()
            let kept = try await library.bookmark(id)
            #expect(kept.status == .ready)
            #expect(kept.failure == nil && kept.nextRetryAt == nil)
            #expect(kept.title == "Tea at last")
        }
    }

    @Test(
        "an error page, a login and a proof of being human are no content",
        arguments: [
            (
                "<title>404 Not Found</title><body><h1>404 Not Found</h1><p>The page you are looking for does not exist.</p>",
                "error"
            ),
            (
                "<title>Sign in</title><body><h1>Sign in</h1><form><input name=user><input type=password name=p><button>Sign in</button></form>",
                "login"
            ),
            (
                "<title>Just a moment...</title><body><h1>Checking your browser before accessing the site</h1><p>Please enable JavaScript and cookies to continue</p>",
                "bot_check"
            ),
        ])
    func noContent(html: String, kind: String) async throws {
        let library = try await Library()
        let saved = try await library.save("https://example.org/", title: "Mine", html: html).bookmark
        try await library.work()
        let failed = try await library.bookmark(saved.id)
        #expect(failed.status == .failed)
        #expect(failed.page.pageKind == kind)
        #expect(failed.failure?.isEmpty == false)
        await #expect(throws: BookmarkFailure.noContent) {
            try await library.service.content(of: saved.id, ownedBy: library.ada)
        }
        #expect(try await library.rows("SELECT COUNT(*) FROM search_passages") == 0)
    }

    @Test(
        "files that are no pages are saved as links with a clear word",
        arguments: [
            ("application/pdf", "%PDF-1.7 x", "This is a PDF"), ("image/png", "\u{89}PNG", "This is an image"),
            ("video/mp4", "....ftyp", "This is a video file"),
            ("application/zip", "PK..", "This is a file, not a page"),
        ])
    func files(type: String, body: String, words: String) async throws {
        try await ScriptedSite.run { _ in
            .page(body, type: type)
        } while: { site in
            let library = try await Library()
            let id = try await library.save(site.address("/file")).bookmark.id
            try await library.work()
            let kept = try await library.bookmark(id)
            #expect(kept.failure?.hasPrefix(words) == true)
            #expect(kept.nextRetryAt == nil)
            #expect(kept.page.pageKind == "media")
        }
    }

    @Test("plain text is kept as a page of its own")
    func plainText() async throws {
        try await ScriptedSite.run { _ in
            .page("On samovars\n\nBrass, mostly.", type: "text/plain")
        } while: { site in
            let library = try await Library()
            let id = try await library.save(site.address("/notes.txt")).bookmark.id
            try await library.work()
            #expect(try await library.bookmark(id).title == "On samovars")
            #expect(try await library.find("brass") == [id])
        }
    }

    @Test("a link that is deleted before its turn is left alone")
    func deletedBefore() async throws {
        let library = try await Library()
        let saved = try await library.save("https://example.org/", html: article("Tea", "Leaves are steamed."))
        try await library.service.delete(saved.bookmark.id, ownedBy: library.ada)
        try await library.work()
        let job = try #require(saved.job)
        #expect(try await library.job(job)?.status == .succeeded)
        #expect(try await library.rows("SELECT COUNT(*) FROM search_items") == 0)
    }

    @Test("a link whose work was cancelled does not wait for ever; others are left alone")
    func abandoned() async throws {
        let library = try await Library()
        let given = try await library.save("https://example.org/given", title: "A samovar")
        let kept = try await library.save("https://example.org/kept", html: article("Tea", "Leaves are steamed."))
        try await library.queue.cancel(try #require(given.job), ownedBy: library.ada.rawValue)
        try await library.database.write { connection in
            try connection.execute("UPDATE bookmarks SET updated_at = \(Date().addingTimeInterval(-60))")
        }
        try await library.queue.enqueue(try NewJob(AbandonedBookmarks.kind, NoPayload()))
        try await library.work()
        let failed = try await library.bookmark(given.bookmark.id)
        #expect(failed.status == .failed)
        #expect(failed.failure == "Fetching the page was cancelled.")
        #expect(try await library.find("samovar") == [failed.id])
        #expect(try await library.bookmark(kept.bookmark.id).status == .ready)
    }

    @Test("a link whose next try was cancelled promises none; others keep theirs")
    func cancelledRetry() async throws {
        try await ScriptedSite.run { _ in
            .page("trouble", status: "503 Service Unavailable")
        } while: { site in
            let library = try await Library()
            let cancelled = try await library.save(site.address("/cancelled"), title: "A samovar")
            let waiting = try await library.save(site.address("/waiting"))
            try await library.work()
            #expect(try await library.bookmark(cancelled.bookmark.id).nextRetryAt != nil)
            try await library.queue.cancel(try #require(cancelled.job), ownedBy: library.ada.rawValue)
            try await library.queue.enqueue(try NewJob(AbandonedBookmarks.kind, NoPayload()))
            try await library.work()
            let failed = try await library.bookmark(cancelled.bookmark.id)
            #expect(failed.nextRetryAt == nil)
            #expect(failed.status == .failed && failed.failure == "The site has a problem of its own (503).")
            #expect(try await library.bookmark(waiting.bookmark.id).nextRetryAt != nil)
            #expect(site.received.count == 2)
        }
    }

    @Test("a preview says what a page says, and saves nothing")
    func preview() async throws {
        try await ScriptedSite.run { request in
            request.hasPrefix("GET /missing")
                ? .page("no", status: "404 Not Found") : .page(article("Tea", "Leaves are steamed."))
        } while: { site in
            let library = try await Library()
            let page = try await library.reader.fetchHTML(try #require(WebURL(site.address("/tea"))))
            #expect(page.title == "Tea")
            await #expect(throws: PageFailure.self) {
                try await library.reader.fetchHTML(try #require(WebURL(site.address("/missing"))))
            }
            #expect(try await library.count() == 0)
        }
    }

    @Test("of two who keep the same page each has a copy of their own")
    func twoPeople() async throws {
        let library = try await Library()
        let hers = try await library.save("https://example.org/", html: article("For Ada", "Steamed leaves."))
        let his = try await library.save(
            "https://example.org/", html: article("For Grace", "Roasted beans."), for: library.grace)
        #expect(his.isNew && his.duplicate == nil)
        try await library.work()
        #expect(try await library.find("steamed") == [hers.bookmark.id])
        #expect(try await library.find("roasted").isEmpty)
        #expect(try await library.find("roasted", for: library.grace) == [his.bookmark.id])
        for id in [his.bookmark.id, Bookmark.ID(999)] {
            await #expect(throws: BookmarkFailure.notFound) { try await library.service.find(id, ownedBy: library.ada) }
            await #expect(throws: BookmarkFailure.notFound) {
                try await library.service.content(of: id, ownedBy: library.ada)
            }
            await #expect(throws: BookmarkFailure.notFound) {
                try await library.service.delete(id, ownedBy: library.ada)
            }
            await #expect(throws: BookmarkFailure.notFound) {
                try await library.service.update(id, .init(title: "Mine"), ownedBy: library.ada)
            }
        }
        #expect(try await library.count(for: library.grace) == 1)
        #expect(try await library.find("roasted", for: library.grace) == [his.bookmark.id])
    }
}
