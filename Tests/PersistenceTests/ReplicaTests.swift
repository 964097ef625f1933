import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Persistence

@Suite("Replicas", .enabled(if: TestDatabase.server != nil, "PostgreSQL's alone"), .serialized)
struct ReplicaTests {
    let records: TestDatabase
    let replica: PostgresAddress
    let database: Database

    init() async throws {
        records = try await TestDatabase([people])
        let url = try #require(records.url)
        replica = try PostgresAddress(try #require(TestDatabase.server).replica(of: url))
        database = Database(
            engine: PostgresEngine(
                try PostgresAddress(url), replicas: [replica], size: PostgresPoolSize(kept: 2, overflow: 2)))
    }

    private static let place: SQL = """
        SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END || ' ' || COUNT(*) FROM people
        """

    private func look(_ access: RowAccess) async throws -> String? {
        try await database.read(access) { try $0.value(Self.place) }
    }

    private func onReplica(_ statement: SQL) async throws {
        let following = Database(engine: PostgresEngine(replica, size: PostgresPoolSize(kept: 1, overflow: 0)))
        // The copy may not have this database yet.
        try await eventually { (try? await following.read { try $0.forEach("SELECT 1") { _ in } }) != nil }
        try await following.read { try $0.forEach(statement) { _ in } }
        try following.close()
    }

    @Test("owners read from the replica, the installation from the primary")
    func spread() async throws {
        try await eventually { try await look(.owner(1)) == "replica 0" }
        #expect(try await look(.installation) == "primary 0")
        try database.close()
    }

    @Test("who has written sees it at once, and from the primary while the replica is behind; others need not wait")
    func ownWrites() async throws {
        try await eventually { try await look(.owner(2)) == "replica 0" }
        try await onReplica("SELECT pg_wal_replay_pause()")
        let insert: SQL = "INSERT INTO people (name) VALUES (\(UUID().uuidString))"
        try await database.write(.owner(1)) { try $0.execute(insert) }
        #expect(try await look(.owner(1)) == "primary 1")
        #expect(try await look(.owner(2)) == "replica 0")
        try await onReplica("SELECT pg_wal_replay_resume()")
        try await eventually { try await look(.owner(1)) == "replica 1" }
        for round in 2...20 {
            let next: SQL = "INSERT INTO people (name) VALUES (\(UUID().uuidString))"
            try await database.write(.owner(1)) { try $0.execute(next) }
            #expect(try await look(.owner(1))?.hasSuffix(" \(round)") == true)
        }
        try database.close()
    }

    @Test("a replica that is not there is done without")
    func away() async throws {
        let nowhere = try PostgresAddress("postgres://fuze@127.0.0.1:1/fuze")
        let url = try #require(records.url)
        let database = Database(
            engine: PostgresEngine(
                try PostgresAddress(url), replicas: [nowhere, replica], size: PostgresPoolSize(kept: 1, overflow: 0)))
        try await eventually { try await database.read(.owner(1)) { try $0.value(Self.place) } == "replica 0" }
        for _ in 0..<5 { #expect(try await database.read(.owner(1)) { try $0.value(Self.place) } == "replica 0") }
        try database.close()
    }

    @Test("a replica that is busy, or slow, is waited for a little and then done without, but is not taken for lost")
    func busy() async throws {
        try await eventually { try await look(.owner(1)) == "replica 0" }
        let url = try #require(records.url)
        let database = Database(
            engine: PostgresEngine(
                try PostgresAddress(url), replicas: [replica], size: PostgresPoolSize(kept: 1, overflow: 0)))
        try await eventually { try await database.read(.owner(1)) { try $0.value(Self.place) } == "replica 0" }
        // For ever on the replica, and at once on the primary.
        let slow: SQL = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_sleep(60)::text ELSE 'primary' END"
        async let moved = database.read(.owner(1)) { try $0.value(slow, as: String.self) }
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        #expect(try await database.read(.owner(2)) { try $0.value(Self.place) } == "primary 0")
        #expect(start.duration(to: .now) < .seconds(2.5))
        #expect(try await moved == "primary")
        #expect(try await database.read(.owner(2)) { try $0.value(Self.place) } == "replica 0")
        try database.close()
    }

    @Test("a replica whose network has fallen silent is done without within seconds")
    func silent() async throws {
        let url = try #require(records.url)
        let components = try #require(URLComponents(string: url))
        let folder = try #require(components.queryItems?.first { $0.name == "host" }?.value)
        // The copy is at the port after its primary's.
        let proxy = try SilentProxy(before: "\(folder)/.s.PGSQL.5433")
        defer { proxy.close() }
        let through = try PostgresAddress("postgres://fuze@127.0.0.1:\(proxy.port)\(components.path)")
        let database = Database(
            engine: PostgresEngine(
                try PostgresAddress(url), replicas: [through], size: PostgresPoolSize(kept: 1, overflow: 0)))
        try await eventually { try await database.read(.owner(1)) { try $0.value(Self.place) } == "replica 0" }
        proxy.fallSilent()
        try await Task.sleep(for: .milliseconds(1200))
        let start = ContinuousClock.now
        #expect(try await database.read(.owner(1)) { try $0.value(Self.place) } == "primary 0")
        #expect(start.duration(to: .now) < .seconds(7))
        proxy.wakeUp()
        try await eventually { try await database.read(.owner(1)) { try $0.value(Self.place) } == "replica 0" }
        try database.close()
    }

    @Test("positions beyond what is remembered let everybody wait rather than nobody")
    func forgotten() async {
        let positions = WrittenPositions.memory(limit: 2)
        await positions.note(.owner(1), LogPosition(rawValue: 10))
        await positions.note(.owner(2), LogPosition(rawValue: 20))
        #expect(await positions.needed(1) == LogPosition(rawValue: 10))
        #expect(await positions.needed(3) == .start)
        await positions.note(.owner(3), LogPosition(rawValue: 15))
        #expect(await positions.needed(1) == LogPosition(rawValue: 20))
        await positions.note(.installation, LogPosition(rawValue: 30))
        #expect(await positions.needed(4) == LogPosition(rawValue: 30))
    }
}
