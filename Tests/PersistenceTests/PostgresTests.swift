import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Persistence

/// What only a server can do to its clients: SQLite has none, so these have nothing to look at there.
@Suite("PostgreSQL", .enabled(if: TestDatabase.server != nil, "PostgreSQL's alone"))
struct PostgresTests {
    let records: TestDatabase

    init() async throws { records = try await TestDatabase([people]) }

    private func count(_ database: Database) async throws -> Int? {
        try await database.read { try $0.value("SELECT COUNT(*) FROM people", as: Int.self) }
    }

    @Test("a connection that was lost while nobody used it is replaced")
    func lostWhileIdle() async throws {
        let database = try records.open()
        let own = try await database.read { try $0.value("SELECT pg_backend_pid()", as: Int.self) }
        let other = try records.open()
        try await other.read { connection in
            _ = try connection.value("SELECT pg_terminate_backend(\(try #require(own))::int)", as: Bool.self)
        }
        #expect(try await count(database) == 0)
    }

    @Test("a connection that has seen more statements than it keeps prepared goes on writing")
    func writesAfterMany() async throws {
        let database = try records.open(pool: PostgresPoolSize(kept: 1, overflow: 0))
        for number in Int64(1)...300 {
            let found = try await database.read(
                .owner(1), SQLQuery<Int64>.value("SELECT \(literal: number)", orElse: 0))
            #expect(found == number)
            try await database.write(.owner(1)) { connection in
                try connection.execute("INSERT INTO people (name) VALUES (\("Ada \(number)"))")
            }
        }
        #expect(try await count(database) == 300)
    }

    @Test("a read whose connection is lost is done again", arguments: [false, true])
    func lostInARead(inAWrite: Bool) async throws {
        let database = try records.open()
        let runs = Mutex(0)
        let body: @Sendable (SQLConnection) throws -> Void = { connection in
            if inAWrite { try connection.execute("INSERT INTO people (name) VALUES ('Ada')") }
            let run = runs.withLock { runs in
                runs += 1
                return runs
            }
            if run < 3 { _ = try connection.value("SELECT pg_terminate_backend(pg_backend_pid())", as: Bool.self) }
        }
        try await inAWrite ? database.write(.owner(1), body) : database.read(.owner(1), body)
        #expect(runs.withLock { $0 } == 3)
        #expect(try await count(database) == (inAWrite ? 1 : 0))
    }

    @Test("a write that was lost while it was committed is not done again, and says so")
    func lostInACommit() async throws {
        let database = try records.open()
        try await database.write { connection in
            try connection.execute(
                """
                CREATE FUNCTION pull_the_plug() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
                """)
            try connection.execute(
                """
                CREATE CONSTRAINT TRIGGER plug AFTER INSERT ON people DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION pull_the_plug()
                """)
        }
        let runs = Mutex(0)
        await #expect(throws: DatabaseFailure.outcomeUnknown) {
            try await database.write { connection in
                runs.withLock { $0 += 1 }
                try connection.execute("INSERT INTO people (name) VALUES ('Ada')")
            }
        }
        #expect(runs.withLock { $0 } == 1)
    }

    @Test("a write that fails among statements prepared twice leaves its connection fit for the next")
    func failedWhileForgetting() async throws {
        let database = try records.open(pool: PostgresPoolSize(kept: 1, overflow: 0))
        let names = ["Ada", "Grace", "Ada", "Alan"]
        await #expect(throws: DatabaseFailure.self) {
            try await database.write { connection in
                try connection.execute(
                    all: names.enumerated().map { "INSERT INTO people (id, name) VALUES (\($0 % 2), \($1))" })
            }
        }
        #expect(try await count(database) == 0)
    }

    @Test("writers that block each other crosswise both get through")
    func deadlock() async throws {
        let database = try records.open()
        try await database.write { try $0.execute("INSERT INTO people (name, born) VALUES ('Ada', 0), ('Grace', 0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for names in [["Ada", "Grace"], ["Grace", "Ada"]] {
                group.addTask {
                    try await database.write { connection in
                        for name in names {
                            try connection.execute("UPDATE people SET born = born + 1 WHERE name = \(name)")
                            usleep(200_000)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.read { try $0.values("SELECT born FROM people", as: Int.self) } == [2, 2])
    }

    @Test("work waits for a connection, but not for ever")
    func waitLimit() async throws {
        let size = PostgresPoolSize(kept: 1, overflow: 0, waitLimit: .milliseconds(100))
        let database = try records.open(pool: size)
        #expect(try await count(database) == 0)
        async let slow: Void = database.read { try $0.forEach("SELECT pg_sleep(0.5)") { _ in } }
        try await Task.sleep(for: .milliseconds(50))
        await #expect(throws: DatabaseFailure.busy) { try await count(database) }
        try await slow
        #expect(try await count(database) == 0)
    }

    @Test("more work than may wait is refused at once")
    func full() async throws {
        let database = try records.open(pool: PostgresPoolSize(kept: 1, overflow: 0, waitingLimit: 3))
        let (inside, released) = (Counter(), Counter())
        async let slow = database.read { _ in
            inside.add()
            return waits(until: { released.value == 1 })
        }
        try await eventually { inside.value == 1 }
        let outcomes = await withTaskGroup(of: DatabaseFailure?.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do {
                        _ = try await count(database)
                        return nil
                    } catch {
                        return error as? DatabaseFailure
                    }
                }
            }
            var outcomes: [DatabaseFailure?] = []
            for await outcome in group {
                outcomes.append(outcome)
                if outcomes.count == 7 { released.add() }
            }
            return outcomes
        }
        #expect(outcomes == Array(repeating: .busy, count: 7) + Array(repeating: nil, count: 3))
        #expect(try await slow)
    }

    @Test("work that is cancelled while it waits is not done; what cleans up after a cancellation is")
    func cancelledWaiter() async throws {
        let database = try records.open(pool: PostgresPoolSize(kept: 1, overflow: 0))
        let (inside, released, second) = (Counter(), Counter(), Counter())
        async let slow = database.read { _ in
            inside.add()
            return waits(until: { released.value == 1 })
        }
        try await eventually { inside.value == 1 }
        let waiting = Task { try await database.read { _ in second.add() } }
        try await Task.sleep(for: .milliseconds(50))
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let cleaning = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await database.write { try $0.execute("INSERT INTO people (name) VALUES ('Ada')") }
        }
        try await Task.sleep(for: .milliseconds(50))
        released.add()
        #expect(try await slow)
        try await cleaning.value
        #expect(second.value == 0)
        #expect(try await count(database) == 1)
    }

    @Test("connections beyond those kept are opened while all are taken")
    func overflow() async throws {
        let database = try records.open(pool: PostgresPoolSize(kept: 1, overflow: 2))
        let inside = Counter()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    try await database.read { _ in
                        inside.add()
                        return waits(until: { inside.value == 3 })
                    }
                }
            }
            for try await metOthers in group { #expect(metOthers) }
        }
    }

    @Test("a connection that has lived long enough is replaced")
    func lifetime() async throws {
        let database = try records.open(pool: PostgresPoolSize(kept: 1, overflow: 0, lifetime: .milliseconds(1)))
        let pids = Set(
            [
                try await database.read { try $0.value("SELECT pg_backend_pid()", as: Int.self) },
                try await database.read { try $0.value("SELECT pg_backend_pid()", as: Int.self) },
            ])
        #expect(pids.count == 2)
    }

    @Test("a server that cannot be reached is a typed failure without a password")
    func unreachable() async throws {
        let address = try PostgresAddress("postgres://ada:hunter2@127.0.0.1:1/fuze")
        let database = Database(engine: PostgresEngine(address))
        await #expect {
            try await count(database)
        } throws: { error in
            guard case DatabaseFailure.unavailable(let text) = error else { return false }
            return !text.contains("hunter2")
        }
        try database.close()
    }

    @Test("a transaction knows whose rows it may touch, and leaves nothing of that behind")
    func access() async throws {
        let database = try records.open(pool: PostgresPoolSize(kept: 1, overflow: 0))
        let setting: SQL = "SELECT current_setting('fuze.owner', true)"
        for access in [RowAccess.owner(7), .installation, .owner(8)] {
            let expected = if case .owner(let id) = access { String(id) } else { "all" }
            #expect(try await database.read(access) { try $0.value(setting, as: String.self) } == expected)
            #expect(try await database.write(access) { try $0.value(setting, as: String.self) } == expected)
        }
        let seen = try await database.write(.owner(7)) { connection in
            let all = try connection.acrossOwners { try connection.value(setting, as: String.self) }
            do {
                try connection.attempt {
                    try connection.acrossOwners { _ = try connection.value(setting, as: String.self) }
                    throw CancellationError()
                }
            } catch is CancellationError {}
            return [all, try connection.value(setting, as: String.self)]
        }
        #expect(seen == ["all", "7"])
    }

    @Test("an owner's writes take turns, those of two owners do not")
    func turns() async throws {
        let database = try records.open()
        let (inside, released, second) = (Counter(), Counter(), Counter())
        async let holds = database.write(.owner(1)) { connection in
            try connection.forEach("SELECT 1") { _ in }
            inside.add()
            return waits(until: { released.value == 1 })
        }
        try await eventually { inside.value == 1 }
        async let waiting: Void = database.write(.owner(1)) { connection in
            try connection.forEach("SELECT 1") { _ in }
            second.add()
        }
        try await database.write(.owner(2)) { try $0.forEach("SELECT 1") { _ in } }
        try await Task.sleep(for: .milliseconds(50))
        #expect(second.value == 0)
        released.add()
        #expect(try await holds)
        try await waiting
        #expect(second.value == 1)
    }

    @Test("what is done by turns in the whole installation is never done twice at once")
    func installationTurns() async throws {
        let database = try records.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    try await database.write { connection in
                        try connection.takeTurns(on: "first person")
                        let isFirst = try connection.value("SELECT COUNT(*) FROM people", as: Int.self) == 0
                        usleep(5000)
                        if isFirst { try connection.execute("INSERT INTO people (name) VALUES (\("p\(number)"))") }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await count(database) == 1)
    }

    @Test("far more statements than a connection keeps prepared all work")
    func manyStatements() async throws {
        let database = try records.open(pool: PostgresPoolSize(kept: 1, overflow: 0))
        let sum = try await database.write { connection in
            var sum = 0
            for round in 0..<2 {
                for number in 0..<400 {
                    let sql = SQL.statement("SELECT \(number) + ")
                    sum += try connection.value("\(sql)\(round)", as: Int.self) ?? 0
                }
            }
            return (sum, try connection.value("SELECT COUNT(*) FROM pg_prepared_statements", as: Int.self) ?? 0)
        }
        #expect(sum.0 == 2 * (399 * 400 / 2) + 400)
        #expect(sum.1 < 300)
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() { count.withLock { $0 += 1 } }
}

/// Blocks the thread until something has happened; false where it does not within some seconds.
private func waits(until hasHappened: () -> Bool) -> Bool {
    for _ in 0..<10_000 {
        if hasHappened() { return true }
        usleep(1000)
    }
    return false
}
