import Persistence
import Vectors

/// The rows of a space's passages, which are the truth.
struct PassageRows {
    /// Ids asked for at once.
    private static let page = 500

    let space: Space
    let connection: SQLConnection

    /// The exact vectors of passages; those that are gone, or another space's, are left out.
    func vectors(of passages: [Int64]) throws -> [Int64: [Float]] {
        var vectors: [Int64: [Float]] = [:]
        try connection.forEach(
            """
            SELECT id, vector FROM search_passages
            WHERE id IN \(list: passages) AND space = \(space) AND vector IS NOT NULL
            """
        ) { row in
            vectors[try row.next()] = try row.nextBytes([Float].init(bytes:))
        }
        return vectors
    }

    /// Passages with exact scores, in no order; those that are gone, or another space's, are left out.
    func scored(_ passages: [Int64], for meaning: [Float]) throws -> [VectorHit] {
        try hits(meaning, passages) { "id IN \(list: $0)" }
    }

    /// The best passage of each of these items.
    func best(of items: Set<Int64>, for meaning: [Float]) throws -> [Int64: VectorHit] {
        var best: [Int64: VectorHit] = [:]
        for hit in try hits(meaning, items.sorted(), { "item_id IN \(list: $0)" }) {
            best[hit.group] = best[hit.group].map { min($0, hit) } ?? hit
        }
        return best
    }

    private func hits(_ meaning: [Float], _ ids: [Int64], _ condition: ([Int64]) -> SQL) throws -> [VectorHit] {
        var hits: [VectorHit] = []
        for start in stride(from: 0, to: ids.count, by: Self.page) {
            let part = Array(ids[start..<min(start + Self.page, ids.count)])
            try connection.forEach(
                """
                SELECT id, item_id, vector FROM search_passages
                WHERE \(condition(part)) AND space = \(space) AND vector IS NOT NULL
                """
            ) { row in
                let (id, item) = (try row.next(Int64.self), try row.next(Int64.self))
                let vector = try row.nextBytes([Float].init(bytes:))
                guard vector.count == meaning.count else { return }
                hits.append(VectorHit(id: id, group: item, score: dotProduct(vector, meaning)))
            }
        }
        return hits
    }

    /// The passages of an item.
    func rows(of item: Int64) throws -> [VectorRow] {
        try connection.all(
            """
            SELECT id, vector FROM search_passages
            WHERE item_id = \(item) AND space = \(space) AND vector IS NOT NULL ORDER BY id
            """
        ) { row in
            VectorRow(id: try row.next(), group: item, vector: try row.nextBytes([Float].init(bytes:)))
        }
    }

    /// The passages of the space with these ids; those that are gone are left out.
    func rows(_ passages: [Int64]) throws -> [VectorRow] {
        try connection.all(
            """
            SELECT id, item_id, vector FROM search_passages
            WHERE id IN \(list: passages) AND space = \(space) AND vector IS NOT NULL
            """
        ) { row in
            VectorRow(id: try row.next(), group: try row.next(), vector: try row.nextBytes([Float].init(bytes:)))
        }
    }

    /// How many passages there are up to an id. Both counts are of an index alone.
    func count(through last: Int64) throws -> Int {
        let all: SQL = "SELECT COUNT(*) FROM search_passages WHERE space = \(space) AND id <= \(last)"
        return (try connection.value(all) ?? 0) - (try connection.value("\(all) AND removes IS NOT NULL") ?? 0)
    }

    /// The ids of passages, ascending.
    func ids(in range: ClosedRange<Int64>, limit: Int) throws -> [Int64] {
        try connection.values(
            """
            SELECT id FROM search_passages
            WHERE space = \(space) AND id BETWEEN \(range.lowerBound) AND \(range.upperBound) AND removes IS NULL
            ORDER BY id LIMIT \(limit)
            """)
    }

    /// From here to the end of the transaction, nobody else changes the space's passages: their ids become visible in
    /// ascending order, and who copies them copies none that is being removed. SQLite's writes are alone anyway.
    func takeTurn() throws {
        guard let locking = connection.dialect.lockingRows else { return }
        try connection.forEach("SELECT 1 FROM search_statistics WHERE space = \(space) \(locking)") { _ in }
    }

    /// The next rows of the space's sequence.
    func changes(after last: Int64, limit: Int) throws -> VectorCache.Changes {
        var changes = VectorCache.Changes(stored: [], removed: [], last: last, more: false)
        var count = 0
        try connection.forEach(
            """
            SELECT id, removes, item_id, vector FROM search_passages
            WHERE space = \(space) AND id > \(last) ORDER BY id LIMIT \(limit)
            """
        ) { row in
            count += 1
            changes.last = try row.next()
            if let removed = try row.next(Int64?.self) {
                changes.removed.insert(removed)
            } else {
                let item = try row.next(Int64.self)
                changes.stored.append(
                    VectorRow(id: changes.last, group: item, vector: try row.nextBytes([Float].init(bytes:))))
            }
        }
        changes.more = count == limit
        // A passage that was replaced within this page never was.
        changes.stored.removeAll { changes.removed.contains($0.id) }
        return changes
    }
}

extension [Float] {
    /// The values as they are in memory, four bytes each.
    init(bytes: UnsafeRawBufferPointer) {
        self.init(unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 4 * 4)]))
            count = bytes.count / 4
        }
    }
}

/// Exact scores straight from the rows: for few items, and where no store is in step.
struct PassagesInRows: NearestPassages {
    let rows: PassageRows
    let meaning: [Float]
    let items: Set<Int64>

    func nearest(_ limit: Int) throws -> [VectorHit] {
        Array(try best(of: items).values.sorted().prefix(limit))
    }

    func nearestExactly(_ limit: Int) throws -> [VectorHit] { try nearest(limit) }

    func best(of items: Set<Int64>) throws -> [Int64: VectorHit] { try rows.best(of: items, for: meaning) }
}
