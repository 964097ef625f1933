import Foundation
import HTTPSupport
import Persistence
import TestSupport
import Testing

@testable import Fuze

@Suite("Lists over the API")
struct ListingTests {
    private func titles(_ answer: Answer) -> [String] { answer.items.compactMap { $0["title"]?.text } }

    private func fill(_ ada: Visitor, _ count: Int) async throws {
        for number in 1...count {
            _ = try await ada.save("https://example.org/\(number)", ["title": .string("\(number)")])
        }
    }

    @Test("pages are numbered, and a cursor goes on from each")
    func paging() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            try await fill(ada, 25)
            let first = try await ada.get("/api/bookmarks")
            #expect(titles(first) == (16...25).reversed().map(String.init))
            #expect((first.json["page"], first.json["per_page"], first.json["total"]) == (1, 10, 25))
            let third = try await ada.get("/api/bookmarks?page=3")
            #expect(titles(third) == ["5", "4", "3", "2", "1"])
            #expect(third.json["next_cursor"] == .null)
            #expect(titles(try await ada.get("/api/bookmarks?page=4")).isEmpty)
            #expect(titles(try await ada.get("/api/bookmarks?limit=2&offset=3")) == ["22", "21"])

            var found = titles(first)
            var cursor = first.json["next_cursor"]?.text
            while let next = cursor {
                _ = try await ada.save("https://example.org/meanwhile-\(found.count)")
                let page = try await ada.get("/api/bookmarks?cursor=\(next)&per_page=7")
                #expect(page.json["page"] == .null)
                found += titles(page)
                cursor = page.json["next_cursor"]?.text
            }
            #expect(found == (1...25).reversed().map(String.init))
        }
    }

    @Test("jobs are listed newest first, without those an import started")
    func jobs() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            try await fill(ada, 3)
            let links = (1...5).map { "<DT><A HREF=\"http://127.0.0.1:1/\($0)\">\($0)</A>" }.joined()
            _ = try await ada.upload(
                "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL>\(links)</DL>", to: "/api/bookmarks/import")
            let list = try await ada.get("/api/jobs?per_page=2")
            #expect(list.json["total"] == 4)
            #expect(list.items.first?["kind"] == "bookmarks.import")
            let cursor = try #require(list.json["next_cursor"]?.text)
            #expect(try await ada.get("/api/jobs?per_page=2&cursor=\(cursor)").items.count == 2)
        }
    }

    @Test("an import in the list goes on as long as its links are fetched, as it does when asked for alone")
    func children() async throws {
        try await ScriptedSite.run { _ in
            .page("busy", status: "503 Service Unavailable")
        } while: { site in
            try await Server.run { server in
                let ada = try await server.person("ada")
                let links = (1...5).map { "<DT><A HREF=\"\(site.address("/\($0)"))\">\($0)</A>" }.joined()
                let accepted = try await ada.upload(
                    "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL>\(links)</DL>", to: "/api/bookmarks/import")
                // Each link is to be tried again in a minute.
                try await server.work()
                let listed = try #require(try await ada.get("/api/jobs").items.first)
                #expect(listed == (try await ada.get("/api/jobs/\(accepted.json["id"]?.number ?? 0)").json))
                #expect(listed["status"] == "running")
                #expect(listed["finished_at"] == .null)
                #expect(listed["children"]?["total"] == 5)
                #expect(listed["children"]?["queued"] == 5)
            }
        }
    }

    @Test("filters narrow lists and searches alike")
    func filters() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            _ = try await ada.save(
                "https://www.example.org/1", ["title": "Tea one", "tags": ["Hot drinks"], "category": "Kitchen"])
            _ = try await ada.save("https://other.example/2", ["title": "Tea two", "tags": ["hot drinks", "x"]])
            _ = try await ada.save(
                "https://other.example/3", ["title": "Tea three", "category": "Kitchen", "text": "Tea."])
            try await server.fuze.database.write { connection in
                try connection.execute("UPDATE bookmarks SET status = 'ready' WHERE url LIKE '%3'")
                try connection.execute(
                    "UPDATE bookmarks SET created_at = \(Date(timeIntervalSince1970: 1_700_000_000)) WHERE url LIKE '%2'"
                )
            }
            for (query, expected) in [
                ("tag=hot+drinks", ["Tea one", "Tea two"]), ("tag=HOT%20DRINKS&domain=other.example", ["Tea two"]),
                ("category=Kitchen", ["Tea three", "Tea one"]), ("status=ready", ["Tea three"]), ("status=failed", []),
                ("domain=www.EXAMPLE.org", ["Tea one"]), ("to=2023-11-14", ["Tea two"]), ("to=2023-11-13", []),
                ("from=2023-11-15&category=Kitchen", ["Tea three", "Tea one"]),
                ("from=2023-11-14T22:13:20Z&to=2023-11-14T22:13:20Z", ["Tea two"]),
                ("tag=&status=&category=", ["Tea three", "Tea one", "Tea two"]), ("tag=nothing", []),
            ] {
                let list = try await ada.get("/api/bookmarks?\(query)")
                #expect(titles(list) == expected, "\(query)")
                #expect(list.json["total"]?.number == Int64(expected.count), "\(query)")
                let search = try await ada.get("/api/search?q=tea&\(query)")
                #expect(titles(search).sorted() == expected.sorted(), "\(query)")
            }
        }
    }

    @Test("results have their place in the list, and the snippet is safe")
    func search() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            for number in 1...15 {
                _ = try await ada.save(
                    "https://example.org/\(number)",
                    ["text": .string("On samovars <img src=x onerror=alert(1)> & tea, \(number).")])
            }
            try await server.work()
            let first = try await ada.get("/api/search?q=samovars&mode=text")
            let second = try await ada.get("/api/search?q=samovars&mode=text&limit=10&offset=10")
            #expect(first.items.count == 10 && second.items.count == 5)
            #expect(first.json["total"] == 15)
            #expect(Set((first.items + second.items).compactMap { $0["id"]?.number }).count == 15)
            let snippet = try #require(first.items.first?["snippet"]?.text)
            #expect(snippet.contains("<mark>samovars</mark>"))
            #expect(!snippet.contains("<img"))
        }
    }
}
