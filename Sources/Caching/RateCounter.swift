import Synchronization

/// Counts what somebody does within a window of time, over all instances.
///
/// Every instance also counts for itself, so that limits go on, more generously, while Redis is gone.
public final class RateCounter: Sendable {
    /// What is used of a window.
    public struct Count: Sendable, Equatable {
        /// Including the one just counted.
        public let used: Int
        /// Until the window ends and counting begins anew.
        public let resetsIn: Duration
    }

    private struct Window {
        var used: Int
        let ends: ContinuousClock.Instant
    }

    /// Windows remembered at once; beyond that those that end first are forgotten.
    private static let capacity = 100_000

    private let redis: Redis?
    private let windows = Mutex<[String: Window]>([:])

    public init(redis: Redis?) { self.redis = redis }

    /// Counts one more. A window begins with the first.
    ///
    /// - Parameters:
    ///   - key: what is limited and who does it, such as `login:192.0.2.1`.
    ///   - window: how long it lasts; the same for a key at all times.
    public func count(_ key: String, per window: Duration) async -> Count {
        let own = countHere(key, per: window, at: .now)
        guard let redis,
            let shared = try? await redis.send(Self.command(redis.name("rate:{\(key)}"), window)).elements,
            shared.count == 2, let used = shared[0].integer, let left = shared[1].integer
        else { return own }
        return Count(used: Int(used), resetsIn: .milliseconds(max(0, left)))
    }

    /// One step, so that a counter without an end cannot stay behind when somebody dies between two.
    private static func command(_ name: String, _ window: Duration) -> RedisCommand {
        .script(
            """
            local used = redis.call('INCR', KEYS[1])
            local left = redis.call('PTTL', KEYS[1])
            if left < 0 then
                redis.call('PEXPIRE', KEYS[1], ARGV[1])
                left = tonumber(ARGV[1])
            end
            return {used, left}
            """, keys: [name], [.milliseconds(window)])
    }

    func countHere(_ key: String, per window: Duration, at now: ContinuousClock.Instant) -> Count {
        windows.withLock { windows in
            var current = windows[key] ?? Window(used: 0, ends: now + window)
            if current.ends <= now { current = Window(used: 0, ends: now + window) }
            current.used += 1
            if windows[key] == nil, windows.count >= Self.capacity { Self.makeRoom(in: &windows, at: now) }
            windows[key] = current
            return Count(used: current.used, resetsIn: current.ends - now)
        }
    }

    private static func makeRoom(in windows: inout [String: Window], at now: ContinuousClock.Instant) {
        windows = windows.filter { $0.value.ends > now }
        guard windows.count >= capacity else { return }
        let first = windows.sorted { $0.value.ends < $1.value.ends }.prefix(capacity / 10)
        for (key, _) in first { windows[key] = nil }
    }
}
