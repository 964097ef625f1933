import Foundation
import Persistence
import TestSupport
import Testing

@testable import Fuze

@Suite("Looking after an installation")
struct OperationsTests {
    @Test("every table of the whole schema can be copied to the other engine")
    func everyTable() async throws {
        let home = try await TestDatabase(Fuze.migrations)
        let source = try home.open()
        let folder = TemporaryFolder()
        let target = Database(
            engine: try SQLiteEngine(path: folder.path("copy.sqlite"), checksReferences: false))
        let summary = try await DatabaseCopy(from: source, to: target, migrations: Fuze.migrations).run()
        #expect(summary.tables > 15)
        try target.close()
    }

    @Test(
        "settings are shown without what is secret in them",
        arguments: [
            ("secret_key", "0123456789", "(hidden)"),
            ("qdrant_api_key", "0123456789", "(hidden)"),
            ("port", "8080", "8080"),
            ("database_url", "postgres://fuze:pa/s?s@db:5432/fuze", "postgres://(hidden)@db:5432/fuze"),
            ("database_url", "postgres://fuze:pass@db:5432/fuze", "postgres://(hidden)@db:5432/fuze"),
            ("database_url", "postgres://db/fuze?user=fuze&password=pass", "postgres://db/fuze?(hidden)"),
            (
                "database_replicas", "postgres://a:b@one/fuze,postgres://a:c@two/fuze",
                "postgres://(hidden)@one/fuze,postgres://(hidden)@two/fuze"
            ),
            ("database_url", "postgres://fuze:pa,ss@db/fuze", "postgres://(hidden)@db/fuze"),
            ("redis_url", "rediss://:p@ss@cache:6380/1", "rediss://(hidden)@cache:6380/1"),
        ])
    func masks(name: String, value: String, shown: String) {
        #expect(SettingsReport.masked(value, of: name) == shown)
    }

    @Test("settings that there are none of are named, and those of other programs are not")
    func unknown() {
        let report = SettingsReport(
            asked: ["port": "80", "host": nil],
            environment: ["FUZE_PORT": "80", "FUZE_PROT": "80", "FUZE_PACKAGES": "/x", "PATH": "/bin"])
        #expect(report.unknown == ["FUZE_PROT"])
        #expect(report.shown.map(\.name) == ["FUZE_PORT"])
    }
}
