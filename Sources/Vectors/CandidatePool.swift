/// Keeps the best `limit` hits of a scan, one for each group if asked.
///
/// Hits are collected above a threshold and pruned when the buffer is full, so a row that cannot
/// be among the best costs one comparison.
struct CandidatePool {
    private let limit: Int
    private let distinctGroups: Bool
    private var hits: [VectorHit] = []
    /// What a score must exceed to matter.
    private(set) var threshold = -Float.infinity

    init(limit: Int, distinctGroups: Bool) {
        self.limit = limit
        self.distinctGroups = distinctGroups
        hits.reserveCapacity(capacity)
    }

    private var capacity: Int { max(256, limit * 3) }

    mutating func insert(_ hit: VectorHit) {
        hits.append(hit)
        if hits.count == capacity { prune() }
    }

    /// The best hits, best first.
    mutating func finish() -> [VectorHit] {
        prune()
        return hits
    }

    private mutating func prune() {
        hits.sort()
        if distinctGroups {
            var seen = Set<Int64>(minimumCapacity: limit)
            hits.removeAll { seen.count == limit || !seen.insert($0.group).inserted }
        }
        if hits.count > limit { hits.removeLast(hits.count - limit) }
        if hits.count == limit, let last = hits.last { threshold = last.score }
    }
}
