import Caching
import Logging
import Persistence
import TestSupport
import Testing

@testable import Fuze

@Suite("What has been written, known to every instance", .timeLimit(.minutes(1)))
struct SharedPositionsTests {
    private func instance(_ server: RedisServer) async throws -> (redis: Redis, positions: WrittenPositions) {
        let redis = try Redis(
            try #require(RedisConfiguration(url: server.url)),
            installation: "home", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await eventually { redis.state == .ready }
        return (redis, .shared { redis })
    }

    @Test("a read elsewhere needs what its owner wrote here, and what was written for everybody")
    func elsewhere() async throws {
        let server = try await RedisServer.start()
        let (here, there) = (try await instance(server).positions, try await instance(server).positions)
        #expect(await there.needed(1) == LogPosition(rawValue: .max))
        await here.note(.installation, LogPosition(rawValue: 5))
        await here.note(.owner(1), LogPosition(rawValue: 0x1_0000_00FF))
        await here.note(.owner(1), LogPosition(rawValue: 0xFFFF_FFFF))
        #expect(await there.needed(1) == LogPosition(rawValue: 0x1_0000_00FF))
        #expect(await there.needed(2) == LogPosition(rawValue: 5))
        await here.note(.installation, LogPosition(rawValue: 0x2_0000_0000))
        #expect(await there.needed(1) == LogPosition(rawValue: 0x2_0000_0000))
        #expect(await there.needed(2) == LogPosition(rawValue: 0x2_0000_0000))
    }

    @Test("while nobody can say what others have written, no replica is good enough")
    func outage() async throws {
        let server = try await RedisServer.start()
        let (redis, positions) = try await instance(server)
        server.kill()
        try await eventually { redis.state != .ready }
        #expect(await !positions.note(.owner(1), LogPosition(rawValue: 7)))
        #expect(await positions.needed(1) == LogPosition(rawValue: .max))
        try await server.start()
        try await eventually { redis.state == .ready }
        // It came back empty.
        #expect(await positions.needed(1) == LogPosition(rawValue: .max))
        await positions.note(.installation, LogPosition(rawValue: 9))
        #expect(await positions.needed(1) == LogPosition(rawValue: 9))
    }
}

@Suite(
    "Replicas that are behind, and a Redis that flaps",
    .enabled(if: TestDatabase.server != nil, "PostgreSQL's alone"), .serialized, .timeLimit(.minutes(2)))
struct SharedFreshnessTests {
    private static let notes = Migration("0001_notes") { dialect in
        ["CREATE TABLE notes (id \(dialect.identityColumn), line TEXT NOT NULL)"]
    }

    /// One instance on the records and their replica.
    private struct Instance {
        let redis: Redis
        let database: Database

        init(_ server: RedisServer, _ primary: String, _ replica: String) throws {
            let redis = try Redis(
                try #require(RedisConfiguration(url: server.url)), installation: "home",
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            self.redis = redis
            database = Database(
                engine: PostgresEngine(
                    try PostgresAddress(primary), replicas: [try PostgresAddress(replica)],
                    size: PostgresPoolSize(kept: 2, overflow: 2), positions: .shared { redis }))
        }

        func write(_ access: RowAccess) async throws {
            try await database.write(access) { try $0.execute("INSERT INTO notes (line) VALUES ('tea')") }
        }

        /// How many there are, and where that was read.
        func look() async throws -> String? {
            try await database.read(.owner(1)) { connection in
                try connection.value(
                    "SELECT CASE WHEN pg_is_in_recovery() THEN 'replica ' ELSE 'primary ' END || COUNT(*) FROM notes")
            }
        }
    }

    @Test("what is acknowledged is seen everywhere while Redis is killed, returns empty, hangs and is back")
    func flapping() async throws {
        let server = try await RedisServer.start()
        let records = try await TestDatabase([DatabaseIdentity.migration, Self.notes])
        let url = try #require(records.url)
        let replicaURL = try #require(TestDatabase.server).replica(of: url)
        let follower = Database(engine: PostgresEngine(try PostgresAddress(replicaURL)))
        let instances = [try Instance(server, url, replicaURL), try Instance(server, url, replicaURL)]
        try await eventually { instances.allSatisfy { $0.redis.state == .ready } }
        try await instances[0].write(.installation)
        for instance in instances { try await eventually { try await instance.look() == "replica 1" } }

        try await follower.read { try $0.forEach("SELECT pg_wal_replay_pause()") { _ in } }
        var written = 1
        func exercise() async throws {
            for _ in 0..<5 {
                try await instances[written % 2].write(.owner(1))
                written += 1
                for instance in instances { #expect(try await instance.look() == "primary \(written)") }
            }
        }
        try await exercise()
        server.kill()
        try await exercise()
        try await server.start()
        try await exercise()
        try await eventually { instances.allSatisfy { $0.redis.state == .ready } }
        // For everybody, so that the emptied Redis is relied on again.
        try await instances[1].write(.installation)
        written += 1
        try await exercise()
        server.pause()
        try await exercise()
        server.resume()
        try await exercise()
        try await eventually { instances.allSatisfy { $0.redis.state == .ready } }
        try await exercise()

        try await follower.read { try $0.forEach("SELECT pg_wal_replay_resume()") { _ in } }
        for instance in instances { try await eventually { try await instance.look() == "replica \(written)" } }
        for instance in instances {
            await instance.redis.close()
            try instance.database.close()
        }
        try follower.close()
    }
}
