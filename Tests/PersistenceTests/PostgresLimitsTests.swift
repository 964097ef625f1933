import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Persistence

@Suite("PostgreSQL's time is limited", .enabled(if: TestDatabase.server != nil, "PostgreSQL's alone"))
struct PostgresLimitsTests {
    let records: TestDatabase
    let url: String

    init() async throws {
        records = try await TestDatabase([people])
        url = try #require(records.url)
    }

    private func limited(_ limits: PostgresLimits, at url: String? = nil) throws -> Database {
        let size = PostgresPoolSize(kept: 1, overflow: 1)
        return Database(
            engine: PostgresEngine(try PostgresAddress(url ?? self.url), size: size, limits: limits))
    }

    /// A network before the server, and the database's address through it.
    private func proxy() throws -> (SilentProxy, url: String) {
        let components = try #require(URLComponents(string: url))
        let folder = try #require(components.queryItems?.first { $0.name == "host" }?.value)
        let port = components.queryItems?.first { $0.name == "port" }?.value ?? "5432"
        let proxy = try SilentProxy(before: "\(folder)/.s.PGSQL.\(port)")
        return (proxy, "postgres://fuze@127.0.0.1:\(proxy.port)\(components.path)?connect_timeout=2")
    }

    /// - Returns: what it failed with, and after how long.
    private func failure(_ body: () async throws -> Void) async throws -> (DatabaseFailure?, Duration) {
        let start = ContinuousClock.now
        do {
            try await body()
            return (nil, start.duration(to: .now))
        } catch let failure as DatabaseFailure {
            return (failure, start.duration(to: .now))
        }
    }

    @Test("who waits for a lock that another session holds is told that the database is busy")
    func lock() async throws {
        let holder = try records.open()
        let isHeld = Mutex(false)
        async let holding: Void = holder.write(.owner(1)) { connection in
            try connection.execute("INSERT INTO people (name) VALUES ('Ada')")
            isHeld.withLock { $0 = true }
            sleep(3)
        }
        try await eventually { isHeld.withLock { $0 } }
        let database = try limited(PostgresLimits(lock: .milliseconds(200)))
        let turn = try await failure { try await database.write(.owner(1)) { try $0.forEach("SELECT 1") { _ in } } }
        #expect(turn.0 == .busy && turn.1 < .seconds(2))
        let row = try await failure {
            _ = try await database.write(.owner(2)) { try $0.execute("INSERT INTO people (name) VALUES ('Ada')") }
        }
        #expect(row.0 == .busy && row.1 < .seconds(2.5))
        try await holding
        try await database.write(.owner(1)) { try $0.execute("INSERT INTO people (name) VALUES ('Grace')") }
        try database.close()
    }

    @Test("a statement that takes too long is given up once, its connection goes on, and upkeep may take longer")
    func statement() async throws {
        let database = try limited(
            PostgresLimits(statement: .milliseconds(200), idle: .milliseconds(300), answer: .milliseconds(700)))
        let runs = Mutex(0)
        let endless = try await failure {
            try await database.read { connection in
                runs.withLock { $0 += 1 }
                try connection.forEach("SELECT pg_sleep(60)") { _ in }
            }
        }
        #expect(endless.0 == .timedOut && endless.1 < .seconds(2))
        #expect(runs.withLock { $0 } == 1)
        #expect(DatabaseFailure.timedOut.isTemporary)
        for access in [RowAccess.installation, .owner(1)] {
            let body: @Sendable (SQLConnection) throws -> Void = { connection in
                try connection.liftTimeLimits()
                try connection.forEach("SELECT pg_sleep(1)") { _ in }
                usleep(600_000)
                try connection.forEach("SELECT 1") { _ in }
                runs.withLock { $0 += 1 }
            }
            try await database.read(access, body)
            try await database.write(access, body)
            let after = try await failure {
                try await database.read(access) { try $0.forEach("SELECT pg_sleep(9)") { _ in } }
            }
            #expect(after.0 == .timedOut)
        }
        #expect(runs.withLock { $0 } == 5)
        try database.close()
    }

    @Test("a writer that stands still in its transaction lets go of its locks, and begins anew when it wakes")
    func idle() async throws {
        let stuck = try limited(PostgresLimits(idle: .milliseconds(300)))
        let runs = Mutex(0)
        async let writing: Void = stuck.write(.owner(1)) { connection in
            let run = runs.withLock { runs in
                runs += 1
                return runs
            }
            try connection.execute("INSERT INTO people (name) VALUES ('Ada')")
            if run == 1 { sleep(2) }
            try connection.execute("UPDATE people SET born = 1815 WHERE name = 'Ada'")
        }
        try await eventually { runs.withLock { $0 } == 1 }
        try await Task.sleep(for: .milliseconds(100))
        let other = try limited(PostgresLimits(lock: .seconds(2)))
        try await other.write(.owner(1)) { try $0.execute("INSERT INTO people (name) VALUES ('Grace')") }
        #expect(runs.withLock { $0 } == 1)
        try await writing
        let names = try await other.read { try $0.values("SELECT name FROM people ORDER BY id", as: String.self) }
        #expect(runs.withLock { $0 } == 2 && names == ["Grace", "Ada"])
        try stuck.close()
        try other.close()
    }

    @Test("a network that has fallen silent is a failure within seconds, and forgotten when it is back")
    func silence() async throws {
        let (proxy, through) = try proxy()
        defer { proxy.close() }
        let database = try limited(PostgresLimits(), at: through)
        try await database.write(.owner(1)) { try $0.forEach("SELECT 1") { _ in } }
        proxy.fallSilent()
        // After a pause the connection is asked first whether it is there.
        try await Task.sleep(for: .milliseconds(1200))
        let read = try await failure { try await database.read { try $0.forEach("SELECT 1") { _ in } } }
        if case .unavailable = read.0 {} else { Issue.record("\(String(describing: read.0))") }
        #expect(read.1 < .seconds(12))
        proxy.wakeUp()
        try await database.write(.owner(1)) { try $0.forEach("SELECT 1") { _ in } }
        try database.close()
    }

    @Test("a server that falls silent right after it has let somebody in is given up")
    func silentGreeting() async throws {
        let (proxy, through) = try proxy()
        defer { proxy.close() }
        // Without a look for encryption and without a password, the client sends one message to get in.
        let address = try PostgresAddress("\(through)&sslmode=disable&gssencmode=disable")
        proxy.fallSilent(afterPieces: 1)
        let greeting = try await failure { _ = try PostgresConnection(address) }
        #expect(greeting.0 == .unavailable("The server does not answer."))
        #expect(greeting.1 < .seconds(8))
        proxy.wakeUp()
        #expect(try PostgresConnection(address).isAlive())
    }

    @Test("a write whose answer never comes is known to have happened or not by nobody")
    func silentCommit() async throws {
        let (proxy, through) = try proxy()
        defer { proxy.close() }
        let database = try limited(PostgresLimits(answer: .milliseconds(500)), at: through)
        await #expect(throws: DatabaseFailure.outcomeUnknown) {
            try await database.write { connection in
                try connection.execute("INSERT INTO people (name) VALUES ('Ada')")
                proxy.fallSilent()
            }
        }
        proxy.wakeUp()
        try database.close()
    }
}
