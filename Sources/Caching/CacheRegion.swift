import Foundation
import NIOCore
import Synchronization

/// How values become bytes and values again.
public struct CacheCoding<Value: Sendable>: Sendable {
    let encode: @Sendable (Value) throws -> ByteBuffer
    /// Nil for bytes that this program does not understand, such as an older version's.
    let decode: @Sendable (ByteBuffer) -> Value?

    public init(
        encode: @escaping @Sendable (Value) throws -> ByteBuffer, decode: @escaping @Sendable (ByteBuffer) -> Value?
    ) {
        self.encode = encode
        self.decode = decode
    }
}

extension CacheCoding where Value == ByteBuffer {
    /// Bytes as they are.
    public static var bytes: CacheCoding { CacheCoding(encode: { $0 }, decode: { $0 }) }
}

extension CacheCoding where Value: Codable {
    /// JSON by `Codable`; what does not fit the type is computed anew.
    public static var json: CacheCoding {
        CacheCoding(
            encode: { ByteBuffer(bytes: try JSONEncoder().encode($0)) },
            decode: { try? JSONDecoder().decode(Value.self, from: Data($0.readableBytesView)) })
    }
}

/// A value, and the version of the content it was computed from.
public struct Versioned<Value: Sendable>: Sendable {
    public let version: Int64
    public let value: Value
    /// False for what is no more than a makeshift, such as results without the model that is not there now.
    public let isKept: Bool

    public init(_ value: Value, version: Int64, isKept: Bool = true) {
        self.value = value
        self.version = version
        self.isKept = isKept
    }
}

/// One kind of cached things: their name, how long they keep, where they are kept.
///
/// There are two sorts. What depends on nothing that is written here (a text's vector, a page of the web) is good for
/// its time. What is computed from the records is good for as long as `ContentVersions` says that they have not
/// changed: the reader brings the version it has just read, and only an entry of that very version is used. A change
/// thus needs to tell nobody, and no message can be missed.
///
/// Equal questions at the same time are computed once, here and across instances. Without Redis, or while it does not
/// answer, memory alone is used.
public final class CacheRegion<Value: Sendable>: Sendable {
    private let kind: CacheKind
    private let coding: CacheCoding<Value>
    private let cache: Cache
    private let shared: SharedLayer?
    private let flights = Flights<Versioned<Value>>()
    private let counts: Mutex<CacheUse>

    public init(_ kind: CacheKind, in cache: Cache, coding: CacheCoding<Value>) {
        let name = kind.name
        self.kind = kind
        self.cache = cache
        self.coding = coding
        shared = kind.isShared ? cache.shared : nil
        counts = Mutex(CacheUse(region: name))
        cache.register { [weak self] in self?.use ?? CacheUse(region: name) }
    }

    public var use: CacheUse { counts.withLock { $0 } }

    /// The value known under a key, or the computed one.
    public func value(
        for key: CacheKey, compute: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await value(for: key, at: 0) { Versioned(try await compute(), version: 0) }
    }

    /// The value computed from the content's version that the caller has just read, or from a later one.
    ///
    /// - Parameter compute: reads the version in the same transaction as what it computes from.
    public func value(
        for key: CacheKey, at version: Int64, compute: @escaping @Sendable () async throws -> Versioned<Value>
    ) async throws -> Value {
        let key = key.text(in: kind)
        if let entry = cache.find(key), entry.version == version, let value = coding.decode(entry.bytes) {
            count(\.fromMemory)
            return value
        }
        let (found, isOwn) = try await flights.join("\(version) \(key)") { [self] in
            try await find(key, at: version, compute: compute)
        }
        guard found.version >= version else {
            // Computed from a replica that was behind the one which told this caller the version.
            let (again, _) = try await flights.join("again \(version) \(key)") { [self] in
                count(\.computed)
                return try await compute()
            }
            return again.value
        }
        if !isOwn { count(\.shared) }
        return found.value
    }

    /// The values known under keys, for what is computed in batches; nil where one is not known.
    ///
    /// - Parameter inMemory: false for what is used too seldom to take room there.
    public func known(_ keys: [CacheKey], inMemory: Bool = true) async -> [Value?] {
        let keys = keys.map { $0.text(in: kind) }
        var values = keys.map { key in inMemory ? cache.find(key).flatMap { coding.decode($0.bytes) } : nil }
        for value in values where value != nil { count(\.fromMemory) }
        guard let shared else { return values }
        let missing = values.indices.filter { values[$0] == nil }
        let found = await shared.find(missing.map { keys[$0] })
        for (index, entry) in zip(missing, found) {
            guard let entry, let value = coding.decode(entry.bytes) else { continue }
            count(\.fromRedis)
            values[index] = value
            if inMemory { remember(entry, version: 0, keys[index]) }
        }
        return values
    }

    /// Keeps what was not known and has been computed.
    public func keep(_ values: [(key: CacheKey, value: Value)], inMemory: Bool = true) async {
        var entries: [(key: String, entry: CacheEntry)] = []
        for (key, value) in values {
            count(\.computed)
            guard let bytes = try? coding.encode(value) else { continue }
            entries.append((key.text(in: kind), CacheEntry(version: 0, bytes: bytes)))
        }
        if inMemory { for (key, entry) in entries { cache.insert(key, entry, for: kind.timeToLive) } }
        await shared?.store(entries, for: kind.timeToLive)
    }

    /// What was known last, however old within its time: for when there is nothing better.
    public func lastKnown(for key: CacheKey) -> Value? {
        cache.find(key.text(in: kind)).flatMap { coding.decode($0.bytes) }
    }

    private func find(
        _ key: String, at version: Int64, compute: @Sendable () async throws -> Versioned<Value>
    ) async throws -> Versioned<Value> {
        guard let shared else { return try await computed(key, compute) }
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(5)
        do {
            while ContinuousClock.now - start < SharedLayer.patience {
                switch try await shared.find(key, version: version) {
                case .found(let entry):
                    guard let value = coding.decode(entry.bytes) else { return try await computed(key, compute) }
                    count(\.fromRedis)
                    remember(entry, version: version, key)
                    return Versioned(value, version: version)
                case .compute(let lease):
                    return try await computed(key, under: lease, of: shared, compute)
                case .someoneComputes:
                    try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                    pause = min(pause * 1.5, .milliseconds(100))
                }
            }
        } catch is RedisFailure {}
        return try await computed(key, compute)
    }

    private func computed(
        _ key: String, under lease: SharedLayer.Lease, of shared: SharedLayer,
        _ compute: @Sendable () async throws -> Versioned<Value>
    ) async throws -> Versioned<Value> {
        let keeping = Task {
            while true {
                try await Task.sleep(for: SharedLayer.leaseTime / 3)
                try? await shared.keep(lease, of: key)
            }
        }
        defer { keeping.cancel() }
        do {
            let found = try await compute()
            count(\.computed)
            // Where Redis is gone meanwhile, the others compute for themselves.
            if let entry = remember(found, key) {
                try? await shared.store(key, entry, for: kind.timeToLive, lease: lease)
            } else {
                try? await shared.giveBack(lease, of: key)
            }
            return found
        } catch {
            try? await shared.giveBack(lease, of: key)
            throw error
        }
    }

    private func computed(
        _ key: String, _ compute: @Sendable () async throws -> Versioned<Value>
    ) async throws -> Versioned<Value> {
        let found = try await compute()
        count(\.computed)
        _ = remember(found, key)
        return found
    }

    private func remember(_ found: Versioned<Value>, _ key: String) -> CacheEntry? {
        guard found.isKept, let bytes = try? coding.encode(found.value) else { return nil }
        let entry = CacheEntry(version: found.version, bytes: bytes)
        cache.insert(key, entry, for: kind.timeToLive)
        return entry
    }

    /// For as long as Redis would have kept it, and no longer.
    private func remember(_ found: SharedLayer.Entry, version: Int64, _ key: String) {
        let left = min(found.lifetime ?? kind.timeToLive, kind.timeToLive)
        if left > .zero { cache.insert(key, CacheEntry(version: version, bytes: found.bytes), for: left) }
    }

    private func count(_ kind: WritableKeyPath<CacheUse, Int>) { counts.withLock { $0[keyPath: kind] += 1 } }
}
