import Foundation
import TestSupport
import Testing

@testable import Persistence

@Suite("PostgreSQL that is restarted under load", .enabled(if: TestDatabase.server != nil, "PostgreSQL's alone"))
struct PostgresRestartTests {
    /// What became of the writes.
    private actor Tally {
        var acknowledged: Set<Int> = []
        var unknown: Set<Int> = []
        var failures: [String] = []

        func note(_ number: Int, _ error: (any Error)?) {
            switch error as? DatabaseFailure {
            case nil where error == nil: acknowledged.insert(number)
            case .outcomeUnknown: unknown.insert(number)
            case .unavailable, .busy: break
            default: failures.append("\(String(describing: error))")
            }
        }
    }

    @Test("nothing that was acknowledged is lost, nothing is done twice, and work goes on by itself")
    func restart() async throws {
        let folder = TemporaryFolder()
        let script = ServerScript(folder: folder.path("pg"))
        let server = TestServer(address: try script.run("start"))
        let url = try await server.newDatabase([people])
        let database = Database(engine: PostgresEngine(try PostgresAddress(url)))
        let tally = Tally()
        let load = Task { await write(to: database, tally) }
        for _ in 0..<2 {
            try await Task.sleep(for: .milliseconds(300))
            try script.run("restart")
            let before = await tally.acknowledged.count
            try await eventually { await tally.acknowledged.count > before + 50 }
        }
        load.cancel()
        await load.value
        let found = try await database.read { try $0.values("SELECT born FROM people", as: Int.self) }
        try database.close()
        try script.run("stop")

        #expect(await tally.failures == [])
        #expect(found.count == Set(found).count)
        #expect(await tally.acknowledged.isSubset(of: found))
        #expect(await tally.acknowledged.union(tally.unknown).isSuperset(of: found))
    }

    /// Several owners at once, each with one write after the other.
    private func write(to database: Database, _ tally: Tally) async {
        await withTaskGroup(of: Void.self) { group in
            for owner in 1...8 {
                group.addTask {
                    var number = owner * 1_000_000
                    while !Task.isCancelled {
                        number += 1
                        let (own, name) = (number, "p\(number)")
                        do {
                            try await database.write(.owner(Int64(owner))) { connection in
                                try connection.execute("INSERT INTO people (name, born) VALUES (\(name), \(own))")
                            }
                            await tally.note(own, nil)
                        } catch is CancellationError {
                            // Between two tries: it has not happened.
                        } catch {
                            await tally.note(own, error)
                        }
                    }
                }
            }
        }
    }
}
