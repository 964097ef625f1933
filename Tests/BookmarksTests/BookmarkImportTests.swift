import Accounts
import Foundation
import Jobs
import Persistence
import Search
import TestSupport
import Testing

@testable import Bookmarks

@Suite("Importing a browser's export")
struct BookmarkImportTests {
    private static func file(_ entries: [String]) -> String {
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<DL><p>\n" + entries.joined(separator: "\n")
            + "\n</DL><p>\n"
    }

    private func receive(
        _ file: String, by library: Library, skippingFetch skips: Bool = true, for user: User.ID? = nil
    ) async throws -> Job.ID {
        var rest = Array(file.utf8)[...]
        return try await library.imports.receive(skipsFetching: skips, for: user ?? library.ada) {
            defer { rest = rest.dropFirst(5000) }
            return Array(rest.prefix(5000))
        }
    }

    private func report(_ job: Job.ID, of library: Library, for user: User.ID? = nil) async throws -> ImportReport {
        let result = try #require(try await library.job(job, of: user)?.job.result)
        return try JSONDecoder().decode(ImportReport.self, from: Data(result.utf8))
    }

    @Test("links become bookmarks with folders, tags, notes and dates; refused ones are listed by line")
    func report() async throws {
        let library = try await Library()
        let file = Self.file([
            #"<DT><H3>Kitchen</H3><DL><p>"#,
            #"<DT><A HREF="https://example.org/tea" ADD_DATE="1700000000" TAGS="drinks,winter">Tea &amp; more</A>"#,
            #"<DD>Warm and dark"#,
            #"</DL><p>"#,
            #"<DT><A HREF="http://www.example.org/tea/">The same again</A>"#,
            #"<DT><A HREF="javascript:alert(1)">A trick</A>"#,
            #"<DT><A HREF="https://other.example/">Other</A>"#,
        ])
        let job = try await receive(file, by: library)
        try await library.work()
        let report = try await report(job, of: library)
        #expect((report.read, report.imported, report.duplicates, report.refused) == (4, 2, 1, 1))
        #expect(report.problems.map(\.line) == [9])
        #expect(report.problems.first?.reason.contains("javascript") == true)

        let tea = try #require(try await library.list(BookmarkFilter(category: "Kitchen")).first)
        #expect(tea.title == "Tea & more")
        #expect(tea.notes == "Warm and dark")
        #expect(tea.tags == ["drinks", "winter"])
        #expect(tea.createdAt == Date(timeIntervalSince1970: 1_700_000_000))
        #expect(tea.status == .ready)
        #expect(try await library.find("warm winter") == [tea.id])
        #expect(try await library.count() == 2)
        #expect(try await library.rows("SELECT COUNT(*) FROM bookmark_imports") == 0)
        #expect(try await library.rows("SELECT COUNT(*) FROM bookmark_import_chunks") == 0)
    }

    @Test("what was to be read later is found by a tag, and tags that are none are left out")
    func readingList() async throws {
        let library = try await Library()
        let file = Self.file([
            #"<DT><A HREF="https://example.org/1" TOREAD="1" TAGS="tea,\#(String(repeating: "x", count: 101))">One</A>"#,
            #"<DT><A HREF="https://example.org/2" TOREAD="0" TAGS="Tea,tea">Two</A>"#,
        ])
        _ = try await receive(file, by: library)
        try await library.work()
        #expect(try await library.list(BookmarkFilter(tag: "to read")).map(\.title) == ["One"])
        #expect(try await library.list().map(\.tags).sorted { $0.count < $1.count } == [["Tea"], ["tea", "to read"]])
    }

    @Test("without fetching, titles are embedded soon after")
    func embeddedLater() async throws {
        let library = try await Library()
        let file = Self.file([
            #"<DT><A HREF="https://example.org/1">How kittens purr</A>"#,
            #"<DT><A HREF="https://example.org/2">Baking a sourdough loaf</A>"#,
        ])
        _ = try await receive(file, by: library)
        try await library.work()
        #expect(try await library.rows("SELECT COUNT(*) FROM search_items WHERE embedding <> 'done'") == 0)
        let found = try await library.find("cats", .semantic).first
        #expect(try await library.bookmark(try #require(found)).title == "How kittens purr")
    }

    @Test("with fetching, every link has a job of its own under the import")
    func fetching() async throws {
        try await ScriptedSite.run { request in
            request.hasPrefix("GET /2")
                ? .page("gone", status: "404 Not Found") : .page(article("Page", "Leaves are steamed."))
        } while: { site in
            let library = try await Library()
            let file = Self.file((1...3).map { #"<DT><A HREF="\#(site.address("/\($0)"))">Link \#($0)</A>"# })
            let job = try await receive(file, by: library, skippingFetch: false)
            try await library.work()
            let counts = try #require(try await library.job(job)).children
            #expect((counts.total, counts[.succeeded], counts[.failed]) == (3, 2, 1))
            #expect(try await library.count(BookmarkFilter(status: .ready)) == 2)
            #expect(try await library.count(BookmarkFilter(status: .failed)) == 1)
            #expect(try await library.list().allSatisfy { $0.title.hasPrefix("Link") })
            #expect(Set(site.received.map { String($0.prefix(6)) }) == ["GET /1", "GET /2", "GET /3"])
        }
    }

    @Test("an import that an earlier version has queued is done", arguments: [false, true])
    func earlierVersions(namesUser: Bool) async throws {
        let library = try await Library()
        let file = Self.file([#"<DT><A HREF="https://example.org/tea">Tea</A>"#])
        let job = try await receive(file, by: library, for: library.grace)
        // As version 0.1.0 wrote it, and those between.
        let upload = try await library.rows("SELECT id FROM bookmark_imports")
        let payload = namesUser ? "{\"upload\":\(upload),\"user\":\(library.grace)}" : "{\"upload\":\(upload)}"
        try await library.database.write { try $0.execute("UPDATE jobs SET payload = \(payload) WHERE id = \(job)") }
        try await library.work()
        #expect(try await report(job, of: library, for: library.grace).imported == 1)
        #expect(try await library.count(for: library.grace) == 1)
    }

    @Test("an import that breaks off goes on where it was, and nothing comes twice")
    func resumed() async throws {
        let library = try await Library()
        let file = Self.file((1...900).map { #"<DT><A HREF="https://example.org/\#($0)">Link \#($0)</A>"# })
        try await library.database.write { connection in
            // The second of these two breaks it off, on either engine.
            try connection.execute(
                """
                CREATE UNIQUE INDEX power_cut ON bookmarks
                    ((CASE WHEN url IN ('https://example.org/699', 'https://example.org/700') THEN 1 END))
                """)
        }
        let job = try await receive(file, by: library)
        try await library.work()
        // What was committed before is kept, and nothing of the batch that broke off.
        let kept = try await library.count()
        #expect((100..<700).contains(kept))
        #expect(kept.isMultiple(of: 50))
        #expect(try await library.job(job)?.status == .queued)

        try await library.database.write { try $0.execute("DROP INDEX power_cut") }
        let known = try await library.list().last
        try await library.service.delete(try #require(known).id, ownedBy: library.ada)
        library.clock.advance(by: 90)
        try await library.work()
        let report = try await report(job, of: library)
        #expect((report.read, report.imported, report.duplicates) == (900, 900, 0))
        // What was deleted meanwhile stays deleted: its entry had been read.
        #expect(try await library.count() == 899)
    }

    @Test(
        "what is no bookmark file fails with a word about it, and leaves nothing",
        arguments: [
            ("", "empty"), ("just some text", "not a bookmark export"), ("{\"json\": true}", "not a bookmark export"),
            ("%PDF-1.7 " + String(repeating: "binary ", count: 5000), "not a bookmark export"),
        ])
    func noBookmarks(file: String, words: String) async throws {
        let library = try await Library()
        let job = try await receive(file, by: library)
        try await library.work()
        let failed = try await library.job(job)
        #expect(failed?.status == .failed)
        #expect(failed?.job.failure?.contains(words) == true)
        #expect(try await library.count() == 0)
        #expect(try await library.rows("SELECT COUNT(*) FROM bookmark_imports") == 0)
    }

    @Test("a file that ends in the middle keeps what came whole")
    func truncated() async throws {
        let library = try await Library()
        let whole = Self.file((1...5).map { #"<DT><A HREF="https://example.org/\#($0)">Link \#($0)</A>"# })
        let cut = whole.prefix(upTo: try #require(whole.range(of: "/5")).upperBound)
        let job = try await receive(String(cut), by: library)
        try await library.work()
        let report = try await report(job, of: library)
        #expect((report.imported, report.refused) == (4, 1))
        #expect(report.problems.count == 1)
    }

    @Test("a file whose upload breaks off is not imported")
    func brokenUpload() async throws {
        struct Lost: Error {}
        let library = try await Library()
        await #expect(throws: Lost.self) {
            _ = try await library.imports.receive(skipsFetching: true, for: library.ada) { throw Lost() }
        }
        #expect(try await library.rows("SELECT COUNT(*) FROM bookmark_imports") == 0)
        #expect(try await library.rows("SELECT COUNT(*) FROM jobs") == 0)
    }

    @Test("what two people import does not meet")
    func twoPeople() async throws {
        let library = try await Library()
        let file = Self.file([#"<DT><A HREF="https://example.org/tea">Tea</A>"#])
        let first = try await receive(file, by: library)
        let second = try await receive(file, by: library, for: library.grace)
        try await library.work()
        #expect(try await report(first, of: library).imported == 1)
        #expect(try await report(second, of: library, for: library.grace).imported == 1)
        #expect(try await library.job(second) == nil)
        #expect(try await library.count() == 1)
        #expect(try await library.count(for: library.grace) == 1)
    }

    @Test("an import of many problems lists the first thousand and counts the rest")
    func manyProblems() async throws {
        let library = try await Library()
        let file = Self.file((1...1200).map { #"<DT><A HREF="mailto:\#($0)@example.org">No</A>"# })
        let job = try await receive(file, by: library)
        try await library.work()
        let report = try await report(job, of: library)
        #expect((report.read, report.refused, report.problems.count) == (1200, 1200, 1000))
    }
}
