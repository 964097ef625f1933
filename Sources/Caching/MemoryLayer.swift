import NIOCore

/// What is kept of a value: the bytes, and the version of the content they were computed from.
struct CacheEntry: Sendable, Equatable {
    let version: Int64
    let bytes: ByteBuffer
}

/// The values used last, bounded by bytes; each also has a time after which it is not used any more.
struct MemoryLayer {
    private struct Slot {
        var key: String
        var entry: CacheEntry
        var expires: ContinuousClock.Instant
        /// Neighbours in the order of use; the array's own ends where there is none.
        var newer: Int
        var older: Int
    }

    /// The dictionary's and the array's own share of an entry, and the buffer's.
    static let overhead = 200
    private static let none = -1

    let capacity: Int
    private(set) var bytes = 0
    private var slots: [Slot] = []
    private var free: [Int] = []
    private var places: [String: Int] = [:]
    private var newest = none
    private var oldest = none

    /// - Parameter capacity: how many bytes all entries take together.
    init(capacity: Int) { self.capacity = capacity }

    var count: Int { places.count }

    mutating func find(_ key: String, at now: ContinuousClock.Instant) -> CacheEntry? {
        guard let place = places[key] else { return nil }
        guard slots[place].expires > now else {
            remove(place)
            return nil
        }
        detach(place)
        attach(place)
        return slots[place].entry
    }

    /// Keeps an entry; one that would push out an eighth of all others is not worth it.
    mutating func insert(
        _ key: String, _ entry: CacheEntry, for time: Duration, at now: ContinuousClock.Instant
    ) {
        if let place = places[key] {
            // Somebody was faster, with what is newer.
            guard slots[place].entry.version <= entry.version || slots[place].expires <= now else { return }
            remove(place)
        }
        guard Self.size(key, entry) <= capacity / 8 else { return }
        let slot = Slot(key: key, entry: entry, expires: now + time, newer: Self.none, older: Self.none)
        let place: Int
        if let reused = free.popLast() {
            slots[reused] = slot
            place = reused
        } else {
            slots.append(slot)
            place = slots.count - 1
        }
        places[key] = place
        bytes += Self.size(key, entry)
        attach(place)
        while bytes > capacity { remove(oldest) }
    }

    mutating func remove(_ key: String) {
        if let place = places[key] { remove(place) }
    }

    private mutating func remove(_ place: Int) {
        detach(place)
        places[slots[place].key] = nil
        bytes -= Self.size(slots[place].key, slots[place].entry)
        slots[place].key = ""
        slots[place].entry = CacheEntry(version: 0, bytes: ByteBuffer())
        free.append(place)
    }

    private mutating func attach(_ place: Int) {
        slots[place].newer = Self.none
        slots[place].older = newest
        if newest != Self.none { slots[newest].newer = place }
        newest = place
        if oldest == Self.none { oldest = place }
    }

    private mutating func detach(_ place: Int) {
        let (newer, older) = (slots[place].newer, slots[place].older)
        if newer == Self.none { newest = older } else { slots[newer].older = older }
        if older == Self.none { oldest = newer } else { slots[older].newer = newer }
    }

    private static func size(_ key: String, _ entry: CacheEntry) -> Int {
        2 * key.utf8.count + entry.bytes.storageCapacity + overhead
    }
}
