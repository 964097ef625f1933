import Accounts
import HTTPSupport
import HTTPTypes
import Persistence
import TestSupport
import Testing

@testable import Fuze

@Suite("What a request costs the database")
struct QueryCostTests {
    private static let owned = [
        "bookmarks", "bookmark_tags", "bookmark_contents", "bookmark_captures", "search_items", "search_terms",
        "search_passages", "search_words", "search_lexemes", "search_statistics", "jobs", "sessions",
    ]

    private static let reading = [
        "/api/bookmarks", "/api/bookmarks?page=2&per_page=5", "/api/bookmarks?tag=drinks",
        "/api/bookmarks?category=Kitchen",
        "/api/bookmarks?status=ready", "/api/bookmarks?domain=example.org",
        "/api/bookmarks?from=2020-01-01&to=2030-01-01",
        "/api/bookmarks?tag=drinks&category=Kitchen&status=ready&domain=example.org&from=2020-01-01",
        "/api/bookmarks/1", "/api/bookmarks/1/content", "/api/bookmarks/check-url?url=https://example.org/1?a=1",
        "/api/bookmarks/check-url?url=https://example.org/1?a=2", "/api/search?q=tea+leaves",
        "/api/search?q=tea&mode=text",
        "/api/search?q=tea&mode=semantic", "/api/search?q=tea&tag=drinks",
        "/api/search?q=tea&status=ready&domain=example.org",
        "/api/jobs", "/api/jobs/1", "/api/auth/me",
    ]

    private func fill(_ ada: Visitor, _ numbers: ClosedRange<Int>) async throws {
        for number in numbers {
            _ = try await ada.save(
                "https://example.org/\(number)?a=1",
                [
                    "title": "Tea leaves", "tags": ["drinks"], "category": "Kitchen",
                    "text": "Leaves of tea are steamed.",
                ])
        }
        try await ada.server.work()
    }

    /// Owned tables that would be read whole, also by an alias.
    private func scans(_ plan: QueryPlan) -> [String] {
        plan.scans.filter { (Self.owned + ["items", "other", "passages"]).contains($0) }
    }

    @Test("nothing that has an owner is ever read whole")
    func plans() async throws {
        let log = StatementLog()
        try await Server.run(withModel: true, log: log) { server in
            let ada = try await server.person("ada")
            try await fill(ada, 1...12)
            let cursor = try await ada.get("/api/bookmarks").json["next_cursor"]?.text ?? ""
            let requests: [(HTTPRequest.Method, String, JSONValue?)] =
                (Self.reading + ["/api/bookmarks?cursor=\(cursor)"]).map { (.get, $0, nil) } + [
                    (
                        .post, "/api/bookmarks",
                        ["url": "https://example.org/new?a=1", "tags": ["drinks", "x"], "text": "Tea."]
                    ),
                    (.post, "/api/bookmarks", ["url": "https://example.org/1?a=1"]),
                    (.patch, "/api/bookmarks/2", ["title": "Mine", "tags": ["y"]]), (.delete, "/api/bookmarks/3", nil),
                    (.post, "/api/jobs/1/cancel", nil),
                    (.post, "/api/auth/login", ["username": "ada", "password": "Analytical-Engine-1843"]),
                    (.post, "/api/auth/logout", nil),
                ]
            for (method, path, body) in requests {
                _ = log.take()
                _ = try await ada.send(method, path, body)
                let statements = log.take()
                for statement in statements where !Self.isControl(statement) {
                    let plan = try await QueryPlan(of: statement, in: server.fuze.database)
                    #expect(scans(plan) == [], "\(method) \(path): \(statement.text)")
                }
                _ = log.take()
            }
        }
    }

    private static func isControl(_ statement: SQL) -> Bool {
        ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "EXPLAIN"].contains { statement.text.hasPrefix($0) }
    }

    @Test(
        "lists come in their order from an index, without sorting",
        arguments: [
            "/api/bookmarks", "/api/bookmarks?category=Kitchen", "/api/bookmarks?status=ready",
            "/api/bookmarks?domain=example.org",
            "/api/bookmarks?from=2020-01-01", "/api/jobs",
        ])
    func order(path: String) async throws {
        let log = StatementLog()
        try await Server.run(log: log) { server in
            let ada = try await server.person("ada")
            _ = log.take()
            _ = try await ada.get(path)
            let statements = log.take().filter { $0.text.contains("ORDER BY") }
            #expect(!statements.isEmpty)
            for statement in statements {
                let plan = try await QueryPlan(of: statement, in: server.fuze.database)
                #expect(!plan.sorts, "\(plan)")
            }
        }
    }

    @Test("a request takes as many statements in a large library as in a small one")
    func count() async throws {
        let log = StatementLog()
        try await Server.run(withModel: true, log: log) { server in
            let ada = try await server.person("ada")
            try await fill(ada, 1...3)
            let small = try await costs(ada, log)
            try await fill(ada, 4...30)
            let large = try await costs(ada, log)
            for (path, cost) in small { #expect(large[path] ?? 0 <= cost, "\(path)") }
            #expect(small["/api/bookmarks"] ?? 99 <= 2)
            #expect(small["/api/bookmarks/1"] ?? 99 <= 1)
            #expect(small["/api/search?q=tea+leaves"] ?? 99 <= 12)
        }
    }

    private func costs(_ ada: Visitor, _ log: StatementLog) async throws -> [String: Int] {
        var costs: [String: Int] = [:]
        for path in Self.reading {
            // Once before, for what is loaded the first time.
            _ = try await ada.get(path)
            _ = log.take()
            _ = try await ada.get(path)
            costs[path] = log.take().count
        }
        return costs
    }

    @Test("saving costs the same in a large library as in a small one")
    func saving() async throws {
        let log = StatementLog()
        try await Server.run(log: log) { server in
            let ada = try await server.person("ada")
            var costs: [Int] = []
            for number in 1...20 {
                _ = log.take()
                _ = try await ada.save("https://site\(number).example/", ["title": "Tea leaves", "tags": ["drinks"]])
                costs.append(log.take().count)
            }
            #expect(costs.max() == costs.min())
            #expect(costs[0] <= 40)
        }
    }
}
