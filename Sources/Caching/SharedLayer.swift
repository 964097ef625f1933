import Foundation
import NIOCore

/// The layer that the instances of an installation share, in Redis.
///
/// Who finds nothing gets leave to compute, for a while and alone; the others look again until the value is there,
/// or the leave is free because its holder gave up or died.
struct SharedLayer: Sendable {
    enum Finding: Sendable {
        case found(ByteBuffer)
        case compute(Leave)
        case someoneComputes
    }

    /// The right to compute a value, until it is given back or runs out.
    struct Leave: Sendable {
        let token: String
    }

    /// A holder that lives asks for more long before this; one that died holds up the others no longer.
    static let leaveTime = Duration.seconds(3)
    /// How long to wait for another's computation before making one's own.
    static let patience = Duration.seconds(15)
    /// Redis is for many small things: what is larger is computed by each instance.
    static let entryLimit = 1024 * 1024

    let redis: Redis

    /// Looks a value up and, in the same step, asks for leave to compute it.
    func find(_ key: String, version: Int64) async throws(RedisFailure) -> Finding {
        let token = UUID().uuidString
        let answer = try await redis.send(
            .script(
                """
                local known = redis.call('GET', KEYS[1])
                if known and string.sub(known, 1, 8) == ARGV[1] then return known end
                if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return 1 end
                return 0
                """, keys: [key, Self.leaveKey(key)],
                [.bytes(ByteBuffer(integer: version)), .text(token), .milliseconds(Self.leaveTime)]))
        switch answer {
        case .string(var bytes):
            bytes.moveReaderIndex(forwardBy: MemoryLayout<Int64>.size)
            return .found(bytes)
        case .integer(1): return .compute(Leave(token: token))
        case .integer: return .someoneComputes
        default: throw .unexpectedAnswer
        }
    }

    /// Stores what was computed and gives the leave back.
    func store(
        _ key: String, _ entry: CacheEntry, for time: Duration, leave: Leave
    ) async throws(RedisFailure) {
        guard entry.bytes.readableBytes <= Self.entryLimit else { return try await giveBack(leave, of: key) }
        var bytes = ByteBuffer(integer: entry.version)
        bytes.writeImmutableBuffer(entry.bytes)
        _ = try await redis.send([
            RedisCommand("SET", .text(key), .bytes(bytes), "PX", .milliseconds(time), key: key),
            returning(leave, of: key),
        ])
    }

    func giveBack(_ leave: Leave, of key: String) async throws(RedisFailure) {
        try await redis.send(returning(leave, of: key))
    }

    /// Holds on to a leave for another while.
    func keep(_ leave: Leave, of key: String) async throws(RedisFailure) {
        try await redis.send(
            .script(
                "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end",
                keys: [Self.leaveKey(key)], [.text(leave.token), .milliseconds(Self.leaveTime)]))
    }

    func remove(_ key: String) async throws(RedisFailure) {
        try await redis.send(RedisCommand("DEL", .text(key), key: key))
    }

    private func returning(_ leave: Leave, of key: String) -> RedisCommand {
        .script(
            "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end",
            keys: [Self.leaveKey(key)], [.text(leave.token)])
    }

    /// Has the key's own hash tag, and so its server.
    private static func leaveKey(_ key: String) -> String { key + ":computing" }
}
