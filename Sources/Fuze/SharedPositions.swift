import Caching
import Persistence
import Synchronization

/// The Redis client, for those who are made before it: the database reads from replicas by the positions in Redis, and
/// Redis' keys carry the id that is in the database. So the database is opened with this, and the client follows.
final class AwaitedRedis: Sendable {
    private let redis = Mutex<Redis?>(nil)

    var current: Redis? { redis.withLock { $0 } }

    func arrived(_ arrived: Redis) { redis.withLock { $0 = arrived } }
}

extension WrittenPositions {
    /// What any instance has written, known to all through Redis: who writes through one and reads through another
    /// finds it. While Redis does not answer, or has forgotten, reads go to the primary.
    ///
    /// - Parameter redis: nil while it is not known yet.
    static func shared(through redis: @escaping @Sendable () -> Redis?) -> WrittenPositions {
        let own = WrittenPositions.memory()
        return WrittenPositions { access, position in
            await own.note(access, position)
            guard let redis = redis() else { return false }
            return (try? await redis.note(position, for: access)) != nil
        } needed: { owner in
            guard let redis = redis() else { return .end }
            async let everybody = redis.position(for: .installation)
            async let theirs = redis.position(for: .owner(owner))
            // A Redis that was emptied knows nothing of anybody, until the next write that is for everybody.
            guard let everybody = await everybody, everybody != .start, let theirs = await theirs else { return .end }
            // What this instance wrote while Redis was gone is not there.
            return max(everybody, theirs, await own.needed(owner) ?? .start)
        } epoch: {
            redis()?.connections ?? 0
        }
    }
}

extension LogPosition {
    /// Digits of one length, which are in the order of what they stand for.
    fileprivate var text: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    fileprivate init?(text: String) {
        guard let value = UInt64(text, radix: 16) else { return nil }
        self.init(rawValue: value)
    }
}

extension Redis {
    /// The newest place noted; nil where Redis does not answer.
    fileprivate func position(for access: RowAccess) async -> LogPosition? {
        let name = name(access.positionKey)
        switch try? await send(RedisCommand("GET", .text(name), key: name)) {
        case .null: return .start
        case let answer?: return answer.text.flatMap(LogPosition.init(text:))
        case nil: return nil
        }
    }

    /// Notes a place unless a later one is noted. What is as old as a day is on every replica.
    fileprivate func note(_ position: LogPosition, for access: RowAccess) async throws(RedisFailure) {
        try await send(
            .script(
                """
                local known = redis.call('GET', KEYS[1])
                if not known or known < ARGV[1] then redis.call('SET', KEYS[1], ARGV[1], 'EX', 86400) end
                """, keys: [name(access.positionKey)], [.text(position.text)]))
    }
}

extension RowAccess {
    fileprivate var positionKey: String {
        switch self {
        case .owner(let id): "written:{\(id)}"
        case .installation: "written:{everybody}"
        }
    }
}
