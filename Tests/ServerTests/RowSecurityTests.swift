import HTTPSupport
@testable import Persistence
import TestSupport
import Testing

@testable import Fuze

/// PostgreSQL's second line behind the queries. SQLite has none, so these have nothing to look at there.
@Suite("Row-level security", .enabled(if: TestDatabase.server != nil, "PostgreSQL's alone"))
struct RowSecurityTests {
    /// Tables with rows of everybody's or nobody's: which of them there are is decided here, not found.
    private static let ownerless: Set = [
        "database_identity", "job_schedules", "schema_migrations", "search_lexemes",
    ]

    @Test("every table but those without an owner is guarded, also against the role that owns it")
    func everyTable() async throws {
        let records = try await TestDatabase(Fuze.migrations)
        let unguarded = try await records.open().read { connection in
            try connection.values(
                """
                SELECT relname::text FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
                    AND NOT (relrowsecurity AND relforcerowsecurity
                        AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid))
                """, as: String.self)
        }
        #expect(Set(unguarded) == Self.ownerless)
    }

    @Test("no table without a guard names an owner")
    func ownerColumns() async throws {
        let records = try await TestDatabase(Fuze.migrations)
        let owned = try await records.open().read { connection in
            try connection.values(
                """
                SELECT table_name::text FROM information_schema.columns
                WHERE table_schema = current_schema() AND column_name IN ('user_id', 'owner', 'owner_id', 'space')
                """, as: String.self)
        }
        #expect(owned.count >= 10)
        #expect(Self.ownerless.isDisjoint(with: owned))
    }

    @Test("the tests' own role is held to the policies")
    func role() async throws {
        let records = try await TestDatabase([])
        let passes = try await records.open().read { connection in
            try connection.value(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user", as: Bool.self)
        }
        #expect(passes == false)
    }

    /// Every table with rows of Ada's and Grace's, asked without a condition.
    private static let tables = [
        "users", "sessions", "bookmarks", "bookmark_tags", "bookmark_counts", "bookmark_contents", "bookmark_captures",
        "bookmark_imports", "bookmark_import_chunks", "jobs", "search_items", "search_statistics", "search_terms",
        "search_words",
    ]

    private static func counts(_ access: RowAccess, in database: Database) async throws -> [String: Int] {
        try await database.read(access) { connection in
            var counts: [String: Int] = [:]
            for table in tables {
                let sql: SQL = "SELECT COUNT(*) FROM \(SQL.name(table))"
                counts[table] = try connection.value(sql)
            }
            return counts
        }
    }

    @Test("a forgotten condition shows nothing of another owner, and changes nothing")
    func forgottenCondition() async throws {
        try await Server.run { server in
            let people = [try await server.person("ada"), try await server.person("grace")]
            for (index, person) in people.enumerated() {
                for number in 0...index {
                    _ = try await person.save(
                        "https://example.org/\(number)", ["title": "Tea", "tags": ["drinks"], "text": "Leaves of tea."])
                }
                _ = try await person.upload("<DL><DT><A HREF=\"https://example.com/\">E</A></DL>", to: "/api/import")
            }
            let database = server.fuze.database
            let all = try await Self.counts(.installation, in: database)
            let ada = try await Self.counts(.owner(1), in: database)
            let grace = try await Self.counts(.owner(2), in: database)
            let stranger = try await Self.counts(.owner(3), in: database)
            for table in Self.tables {
                #expect(stranger[table] == 0, "\(table)")
                #expect((ada[table] ?? 0) + (grace[table] ?? 0) <= all[table] ?? 0, "\(table)")
            }
            #expect(ada["bookmarks"] == 1 && grace["bookmarks"] == 2)
            #expect(ada["users"] == 1 && ada["search_words"] == 1 && ada["bookmark_tags"] == 1)

            let changed = try await database.write(.owner(3)) { connection in
                try connection.execute("UPDATE bookmarks SET title = 'Mine'")
                    + connection.execute("DELETE FROM bookmarks")
            }
            #expect(changed == 0)
            await #expect(throws: DatabaseFailure.self) {
                try await database.write(.owner(3)) { connection in
                    try connection.execute("INSERT INTO bookmark_counts (user_id, bookmarks) VALUES (1, 5)")
                }
            }
            #expect(try await Self.counts(.installation, in: database)["bookmarks"] == 3)
        }
    }
}
