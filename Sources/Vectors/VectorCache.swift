import Synchronization

/// The partitions of the spaces in use, within a budget of memory.
///
/// The rows in SQL are the truth. Each change of a space's rows carries a sequence number that
/// becomes visible in ascending order within the space; a partition is brought up to date by
/// reading the changes after the last it has seen. So several processes agree without talking.
public final class VectorCache: Sendable {
    /// Changes of a space in ascending sequence, at most as many as asked for.
    public struct Changes: Sendable {
        public var stored: [VectorRow]
        /// Tombstones: ids of passages that are gone.
        public var removed: Set<Int64>
        /// The sequence of the last change in here.
        public var last: Int64
        /// Whether more changes wait after `last`.
        public var more: Bool

        public init(stored: [VectorRow], removed: Set<Int64>, last: Int64, more: Bool) {
            self.stored = stored
            self.removed = removed
            self.last = last
            self.more = more
        }
    }

    private let dimensions: Int
    private let budget: Int
    private let longestAbsence: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let spaces = Mutex(Spaces())

    fileprivate struct Spaces {
        var entries: [Int64: Entry] = [:]
        /// Bytes held by all entries.
        var memory = 0
        var clock = 0
    }

    fileprivate struct Entry {
        let space: Space
        var memory = 0
        var lastUse = 0
        var refreshedAt: ContinuousClock.Instant
    }

    /// - Parameters:
    ///   - dimensions: of every vector
    ///   - budget: bytes; what was used least recently is let go beyond it
    ///   - longestAbsence: a space that was not brought up to date for so long is loaded anew, for
    ///     tombstones it has not seen may be gone
    public init(
        dimensions: Int, budget: Int, longestAbsence: Duration = .seconds(1800),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.dimensions = dimensions
        self.budget = budget
        self.longestAbsence = longestAbsence
        self.now = now
    }

    /// Bytes held.
    public var memory: Int { spaces.withLock { $0.memory } }

    /// The partition of a space, with every change that `changes` can see.
    ///
    /// Callers of the same space take turns, so a space is loaded once; others are not held up.
    /// - Parameter changes: reads the changes after a sequence number, 0 at first, where tombstones
    ///   may be left out. Called within the caller's transaction until there are no more.
    public func partition(
        of space: Int64, changes: (_ after: Int64) throws -> Changes
    ) throws -> VectorPartition {
        let began = now()
        let loaded = spaces.withLock { spaces in
            if let entry = spaces.entries[space], entry.refreshedAt + longestAbsence < began { spaces.remove(space) }
            return spaces.space(space, dimensions: dimensions, at: began)
        }
        try loaded.refresh(changes)
        spaces.withLock {
            $0.measure(space, holding: loaded.partition, at: began)
            $0.shrink(to: budget, keeping: space)
        }
        return loaded.partition
    }

    /// Lets all spaces go: each is loaded anew when it is needed.
    public func forgetAll() {
        spaces.withLock { spaces in
            for space in spaces.entries.keys { spaces.remove(space) }
        }
    }

    /// A partition and the sequence number it has reached.
    fileprivate final class Space: Sendable {
        let partition: VectorPartition
        private let sequence = Mutex<Int64>(0)

        init(dimensions: Int) { partition = VectorPartition(dimensions: dimensions) }

        func refresh(_ changes: (_ after: Int64) throws -> Changes) throws {
            try sequence.withLock { sequence in
                var more = true
                while more {
                    let page = try changes(sequence)
                    partition.remove(ids: page.removed)
                    try partition.append(page.stored)
                    more = page.more && page.last > sequence
                    sequence = max(sequence, page.last)
                }
            }
        }
    }
}

extension VectorCache.Spaces {
    fileprivate mutating func space(
        _ id: Int64, dimensions: Int, at now: ContinuousClock.Instant
    ) -> VectorCache.Space {
        clock += 1
        var entry = entries[id] ?? .init(space: .init(dimensions: dimensions), refreshedAt: now)
        entry.lastUse = clock
        entries[id] = entry
        return entry.space
    }

    /// Counts what the partition holds now, unless it was let go meanwhile.
    fileprivate mutating func measure(
        _ id: Int64, holding partition: VectorPartition, at time: ContinuousClock.Instant
    ) {
        guard let entry = entries[id], entry.space.partition === partition else { return }
        let held = partition.memory
        memory += held - entry.memory
        entries[id]?.memory = held
        entries[id]?.refreshedAt = max(entry.refreshedAt, time)
    }

    fileprivate mutating func shrink(to budget: Int, keeping kept: Int64) {
        guard memory > budget else { return }
        let others = entries.filter { $0.key != kept }.sorted { $0.value.lastUse < $1.value.lastUse }
        for (id, _) in others where memory > budget { remove(id) }
    }

    fileprivate mutating func remove(_ id: Int64) {
        memory -= entries.removeValue(forKey: id)?.memory ?? 0
    }
}
