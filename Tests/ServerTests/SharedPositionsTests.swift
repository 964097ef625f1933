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
