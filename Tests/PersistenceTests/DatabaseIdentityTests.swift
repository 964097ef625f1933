import Persistence
import TestSupport
import Testing

@Suite("Which database this is")
struct DatabaseIdentityTests {
    @Test("all processes on a database know it by one id, also when they ask for it first at once")
    func one() async throws {
        let records = try await TestDatabase([DatabaseIdentity.migration])
        let processes = [try records.open(), try records.open(), try records.open()]
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for process in processes { group.addTask { try await process.identity() } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await processes[0].identity() == ids.first)
    }

    @Test("a copy is another database")
    func copied() async throws {
        let home = try await TestDatabase([DatabaseIdentity.migration])
        let source = try home.open()
        let id = try await source.identity()
        let folder = TemporaryFolder()
        let target = Database(engine: try SQLiteEngine(path: folder.path("copy.sqlite"), checksReferences: false))
        _ = try await DatabaseCopy(from: source, to: target, migrations: [DatabaseIdentity.migration]).run()
        #expect(try await target.identity() != id)
        #expect(try await source.identity() == id)
        try target.close()
    }
}
