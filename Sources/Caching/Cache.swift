import Synchronization

/// Two layers in front of what costs time: this process' memory and, where there is one, the Redis that all
/// instances share. `CacheRegion` is how it is used.
public final class Cache: Sendable {
    private let memory: Mutex<MemoryLayer>
    private let uses = Mutex<[@Sendable () -> CacheUse]>([])
    let shared: SharedLayer?

    /// - Parameters:
    ///   - memoryBytes: how much this process keeps; what was used longest ago goes first.
    ///   - redis: nil where there is one instance only.
    public init(memoryBytes: Int, redis: Redis?) {
        memory = Mutex(MemoryLayer(capacity: memoryBytes))
        shared = redis.map(SharedLayer.init)
    }

    /// What was asked of each region since the start.
    public var use: [CacheUse] { uses.withLock { $0 }.map { $0() } }

    func register(_ use: @escaping @Sendable () -> CacheUse) { uses.withLock { $0.append(use) } }

    func find(_ key: String) -> CacheEntry? { memory.withLock { $0.find(key, at: .now) } }

    func insert(_ key: String, _ entry: CacheEntry, for time: Duration) {
        memory.withLock { $0.insert(key, entry, for: time, at: .now) }
    }
}
