import Accounts
import Bookmarks
import Caching
import Foundation
import HTTPSupport
import HTTPTypes
import Jobs
import Logging
import Persistence
import TestSupport
import Testing

@testable import Fuze

@Suite("What keeps answers right")
struct ContentVersionTests {
    /// Changed only in the transaction that changes what they are made from; and PostgreSQL's own, which say what
    /// indexes there are.
    private static let derived: Set = [
        "content_versions", "bookmark_counts", "search_words", "search_lexemes", "search_terms",
        "search_statistics", "search_vectors", "pg_index",
    ]

    private static let kept = [
        "/api/bookmarks", "/api/bookmarks?tag=drinks", "/api/bookmarks?category=Kitchen&status=ready",
        "/api/bookmarks?domain=example.org&from=2020-01-01&to=2030-01-01&page=2&per_page=1", "/api/search?q=tea",
        "/api/search?q=leaves&mode=text&tag=drinks", "/api/search?q=tea&mode=semantic&category=Kitchen",
    ]

    @Test("every table that a kept answer is computed from moves the version of its space")
    func complete() async throws {
        let log = StatementLog()
        try await Server.run(withModel: true, log: log) { server in
            let ada = try await server.person("ada")
            for number in 1...3 {
                let facts: [String: JSONValue] = [
                    "title": "Tea leaves", "tags": ["drinks"], "category": "Kitchen", "text": "Leaves of tea.",
                ]
                _ = try await ada.save("https://example.org/\(number)", facts)
            }
            try await server.work()
            let followed = try await followedTables(server.fuze.database)
            for path in Self.kept {
                _ = log.take()
                #expect(try await ada.get(path).status == .ok)
                let read = tables(in: log.take())
                #expect(!read.isEmpty)
                let forgotten = read.subtracting(followed).subtracting(Self.derived)
                #expect(forgotten == [], "\(path): these change without moving the version")
            }
        }
    }

    /// The tables with a trigger for each kind of change.
    private func followedTables(_ database: Database) async throws -> Set<String> {
        try await database.read { connection in
            let triggers: SQL =
                switch connection.dialect {
                case .sqlite:
                    """
                    SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%INTO content_versions%'
                    GROUP BY tbl_name HAVING COUNT(*) = 3
                    """
                case .postgresql:
                    """
                    SELECT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
                    WHERE prosrc LIKE '%INTO content_versions%' GROUP BY tgrelid HAVING COUNT(*) = 3
                    """
                }
            return Set(try connection.values(triggers, as: String.self))
        }
    }

    private func tables(in statements: [SQL]) -> Set<String> {
        var tables: Set<String> = []
        for statement in statements {
            // What is followed by arguments is a function of the statement's own values.
            for match in statement.text.matches(of: /(?i)\b(?:from|join)\s+([a-z_]+)\b(?!\s*\()/) {
                tables.insert(String(match.1).lowercased())
            }
        }
        return tables
    }

    @Test("a kept list costs one look at the version; any change of its owner, and no other's, is a new one")
    func cost() async throws {
        let log = StatementLog()
        try await Server.run(log: log) { server in
            let ada = try await server.person("ada")
            let ben = try await server.person("ben")
            _ = try await ada.save("https://example.org/")
            try await server.work()
            func statements() async throws -> [String] {
                _ = log.take()
                _ = try await ada.get("/api/bookmarks")
                return log.take().map(\.text)
            }
            _ = try await statements()
            let kept = try await statements()
            #expect(kept.count == 1 && kept[0].contains("content_versions"))
            _ = try await ben.save("https://example.org/ben")
            #expect(try await statements() == kept)
            _ = try await ada.save("https://example.org/other")
            #expect(try await statements().count > 1)
        }
    }

    @Test("without the database, lists that are known are shown, and marked stale")
    func stale() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            _ = try await ada.save("https://example.org/")
            let before = try await ada.get("/api/bookmarks")
            try server.fuze.database.close()
            let after = try await ada.get("/api/bookmarks")
            #expect(after.status == .ok && after.text == before.text)
            #expect(after.headers[HTTPField.Name("Warning")!]?.hasPrefix("110 ") == true)
        }
    }

    @Test("results without the model are not kept: with it they are better")
    func makeshift() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            _ = try await ada.save("https://example.org/", ["title": "Tea"])
            for _ in 0..<2 { _ = try await ada.get("/api/search?q=tea") }
            for _ in 0..<2 { _ = try await ada.get("/api/search?q=tea&mode=text") }
            let use = server.fuze.caches.cache.use.first { $0.region == "search_results" }
            #expect(use?.computed == 3 && use?.fromMemory == 1)
        }
    }
}
