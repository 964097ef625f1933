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
        records = try await TestDatabase([people, DatabaseIdentity.migration])
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
        // The replica is at the port after its primary's.
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

    /// Another process on the same records.
    private func process(_ positions: WrittenPositions) throws -> Database {
        Database(
            engine: PostgresEngine(
                try PostgresAddress(try #require(records.url)), replicas: [replica],
                size: PostgresPoolSize(kept: 2, overflow: 2), positions: positions))
    }

    private func write(_ owner: Int64, through database: Database) async throws {
        let insert: SQL = "INSERT INTO people (name) VALUES (\(UUID().uuidString))"
        try await database.write(.owner(owner)) { try $0.execute(insert) }
    }

    @Test("processes that do not tell one another ask the primary: a replica that has everything answers, no other")
    func asking() async throws {
        let (here, there) = (
            try process(.unknown(othersShare: false)), try process(.unknown(othersShare: false))
        )
        func look() async throws -> String? { try await there.read(.owner(1)) { try $0.value(Self.place) } }
        try await eventually { try await look() == "replica 0" }
        try await onReplica("SELECT pg_wal_replay_pause()")
        try await write(1, through: here)
        for _ in 0..<20 { #expect(try await look() == "primary 1") }
        try await onReplica("SELECT pg_wal_replay_resume()")
        try await eventually { try await look() == "replica 1" }
        for number in 2...50 {
            try await write(1, through: here)
            #expect(try await look()?.hasSuffix(" \(number)") == true)
        }
        for database in [here, there, self.database] { try database.close() }
    }

    @Test("a write that others could not be told of is seen by them; later replicas are read from again")
    func untold() async throws {
        let isTold = Mutex(true)
        let written = Mutex(LogPosition.start)
        func positions(_ isCutOff: Bool) -> WrittenPositions {
            WrittenPositions { _, position in
                let isTold = !isCutOff || isTold.withLock { $0 }
                if isTold { written.withLock { $0 = max($0, position) } }
                return isTold
            } needed: { _ in
                written.withLock { $0 }
            } epoch: {
                1
            }
        }
        let (here, there) = (try process(positions(true)), try process(positions(false)))
        func look() async throws -> String? { try await there.read(.owner(1)) { try $0.value(Self.place) } }
        try await eventually { try await look() == "replica 0" }
        try await onReplica("SELECT pg_wal_replay_pause()")
        isTold.withLock { $0 = false }
        var waits: [Duration] = []
        for number in 1...20 {
            waits.append(try await ContinuousClock().measure { try await write(1, through: here) })
            for _ in 0..<5 { #expect(try await look() == "primary \(number)") }
        }
        // The first one waits until nobody goes by what he saw before.
        #expect(waits[0] > ReplicaOutlook.trust)
        #expect(waits.dropFirst().filter { $0 > ReplicaOutlook.trust }.count <= 2)
        // The announcement is over, and the replica still behind.
        try await Task.sleep(for: ReplicaOutlook.pause + .seconds(1))
        for _ in 0..<5 { #expect(try await look() == "primary 20") }
        try await onReplica("SELECT pg_wal_replay_resume()")
        try await eventually { try await look() == "replica 20" }
        for database in [here, there, self.database] { try database.close() }
    }

    @Test("positions that were forgotten are made up for by where the primary is")
    func forgetful() async throws {
        let epoch = Mutex(1)
        let positions = WrittenPositions(
            note: { _, _ in true }, needed: { _ in .start }, epoch: { epoch.withLock { $0 } })
        let (here, there) = (try process(positions), try process(positions))
        func look() async throws -> String? { try await there.read(.owner(1)) { try $0.value(Self.place) } }
        try await eventually { try await look() == "replica 0" }
        try await onReplica("SELECT pg_wal_replay_pause()")
        try await write(1, through: here)
        epoch.withLock { $0 = 2 }
        for _ in 0..<5 { #expect(try await look() == "primary 1") }
        try await onReplica("SELECT pg_wal_replay_resume()")
        try await eventually { try await look() == "replica 1" }
        for database in [here, there, self.database] { try database.close() }
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
