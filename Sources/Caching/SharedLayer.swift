import Foundation
import NIOCore

/// The layer that the instances of an installation share, in Redis.
///
/// Who finds nothing gets a lease to compute, for a while and alone; the others look again until the value is there,
/// or the lease is free because its holder gave up or died.
struct SharedLayer: Sendable {
    enum Finding: Sendable {
        case found(Entry)
        case compute(Lease)
        case someoneComputes
    }

    struct Entry: Sendable {
        let bytes: ByteBuffer
        /// How much longer it is good; nil where Redis keeps it without end.
        let lifetime: Duration?
    }

    /// The right to compute a value, until it is given back or runs out.
    struct Lease: Sendable {
        let token: String
    }

    /// A holder that lives asks for more long before this; one that died holds up the others no longer.
    static let leaseTime = Duration.seconds(3)
    /// How long to wait for another's computation before making one's own.
    static let patience = Duration.seconds(15)
    /// Redis is for many small things: what is larger is computed by each instance.
    static let entryLimit = 1024 * 1024

    let redis: Redis

    /// Looks a value up and, in the same step, asks for the lease to compute it.
    func find(_ key: String, version: Int64) async throws(RedisFailure) -> Finding {
        let token = UUID().uuidString
        let answer = try await redis.send(
            .script(
                """
                local known = redis.call('GET', KEYS[1])
                if known and string.sub(known, 1, 8) == ARGV[1] then return {known, redis.call('PTTL', KEYS[1])} end
                if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return 1 end
                return 0
                """, keys: [redis.name(key), leaseName(key)],
                [.bytes(ByteBuffer(integer: version)), .text(token), .milliseconds(Self.leaseTime)]))
        switch answer {
        case .array(let parts):
            guard let (_, entry) = Self.entry(parts) else { throw .unexpectedAnswer }
            return .found(entry)
        case .integer(1): return .compute(Lease(token: token))
        case .integer: return .someoneComputes
        default: throw .unexpectedAnswer
        }
    }

    /// Stores what was computed and gives the lease back.
    func store(
        _ key: String, _ entry: CacheEntry, for time: Duration, lease: Lease
    ) async throws(RedisFailure) {
        guard entry.bytes.readableBytes <= Self.entryLimit else { return try await giveBack(lease, of: key) }
        _ = try await redis.send([set(key, entry, for: time), returning(lease, of: key)])
    }

    func giveBack(_ lease: Lease, of key: String) async throws(RedisFailure) {
        try await redis.send(returning(lease, of: key))
    }

    /// Holds on to a lease for another while.
    func keep(_ lease: Lease, of key: String) async throws(RedisFailure) {
        try await redis.send(
            .script(
                "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end",
                keys: [leaseName(key)], [.text(lease.token), .milliseconds(Self.leaseTime)]))
    }

    /// Looks many values up together; nil also where Redis does not answer.
    func find(_ keys: [String]) async -> [Entry?] {
        await withTaskGroup(of: (Int, Entry?).self) { group in
            for (index, key) in keys.enumerated() {
                group.addTask { (index, await find(key)) }
            }
            return await group.reduce(into: Array(repeating: nil, count: keys.count)) { $0[$1.0] = $1.1 }
        }
    }

    private func find(_ key: String) async -> Entry? {
        let name = redis.name(key)
        let answers = try? await redis.send([
            RedisCommand("GET", .text(name), key: name), RedisCommand("PTTL", .text(name), key: name),
        ])
        guard let answers, let (version, entry) = Self.entry(answers), version == 0 else { return nil }
        return entry
    }

    /// - Parameter answers: those to `GET` and `PTTL`.
    private static func entry(_ answers: [RedisValue]) -> (version: Int64, Entry)? {
        guard answers.count == 2, var bytes = answers[0].bytes, let version = bytes.readInteger(as: Int64.self),
            let left = answers[1].integer
        else { return nil }
        // -1 is without end, -2 gone meanwhile.
        return (version, Entry(bytes: bytes, lifetime: left == -1 ? nil : .milliseconds(max(0, left))))
    }

    /// Stores many values together; those that Redis does not take are not there.
    func store(_ entries: [(key: String, entry: CacheEntry)], for time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for (key, entry) in entries where entry.bytes.readableBytes <= Self.entryLimit {
                group.addTask { _ = try? await redis.send(set(key, entry, for: time)) }
            }
        }
    }

    private func set(_ key: String, _ entry: CacheEntry, for time: Duration) -> RedisCommand {
        var bytes = ByteBuffer(integer: entry.version)
        bytes.writeImmutableBuffer(entry.bytes)
        let name = redis.name(key)
        return RedisCommand("SET", .text(name), .bytes(bytes), "PX", .milliseconds(time), key: name)
    }

    private func returning(_ lease: Lease, of key: String) -> RedisCommand {
        .script(
            "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end",
            keys: [leaseName(key)], [.text(lease.token)])
    }

    /// Has the key's own hash tag, and so its server.
    private func leaseName(_ key: String) -> String { redis.name(key) + ":computing" }
}
