import Persistence
import Vectors

/// The vectors of spaces: codes in memory that follow the rows, and the rows for exact scores.
struct SpaceVectors: Sendable {
    /// Rows read at a time when a space is loaded or brought up to date.
    private static let page = 2000

    let cache: VectorCache

    /// The vectors of a space as this transaction sees them.
    func partition(of space: Space, in connection: SQLConnection) throws -> VectorPartition {
        try cache.partition(of: space.rawValue) { last in
            var changes = VectorCache.Changes(stored: [], removed: [], last: last, more: false)
            var count = 0
            try connection.forEach(
                """
                SELECT id, removes, item_id, vector FROM search_passages
                WHERE space = \(space) AND id > \(last) ORDER BY id LIMIT \(Self.page)
                """
            ) { row in
                count += 1
                changes.last = try row.next()
                if let removed = try row.next(Int64?.self) {
                    changes.removed.insert(removed)
                } else {
                    let item = try row.next(Int64.self)
                    changes.stored.append(
                        VectorRow(id: changes.last, group: item, vector: try row.nextBytes(Self.floats)))
                }
            }
            changes.more = count == Self.page
            // A passage that was replaced within this page never was.
            changes.stored.removeAll { changes.removed.contains($0.id) }
            return changes
        }
    }

    /// The exact vectors of passages; those that are gone are left out.
    static func vectors(of passages: [Int64], in connection: SQLConnection) throws -> [Int64: [Float]] {
        var vectors: [Int64: [Float]] = [:]
        try connection.forEach(
            "SELECT id, vector FROM search_passages WHERE id IN \(list: passages) AND vector IS NOT NULL"
        ) { row in
            vectors[try row.next()] = try row.nextBytes(floats)
        }
        return vectors
    }

    private static func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
        [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 4 * 4)]))
            count = bytes.count / 4
        }
    }
}
