extension VectorPartition {
    /// The `limit` passages nearest to the query by approximate score, best first.
    public func search(
        _ query: [Float], limit: Int, where allowed: ((_ group: Int64) -> Bool)? = nil
    ) throws(VectorError) -> [VectorHit] {
        try scan(query, limit: limit, distinctGroups: false, where: allowed)
    }

    /// The `limit` groups whose best passage is nearest to the query by approximate score, each
    /// with that passage, best first.
    public func searchGroups(
        _ query: [Float], limit: Int, where allowed: ((_ group: Int64) -> Bool)? = nil
    ) throws(VectorError) -> [VectorHit] {
        try scan(query, limit: limit, distinctGroups: true, where: allowed)
    }

    /// The approximate score of the best passage of each of these groups; a group without
    /// passages is left out.
    public func bestPassages(
        of groups: Set<Int64>, for query: [Float]
    ) throws(VectorError) -> [Int64: VectorHit] {
        let query = try quantize(query)
        let wanted = IdentifierSet(groups)
        var best: [Int64: VectorHit] = [:]
        best.reserveCapacity(groups.count)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 1) { score in
            for block in blocks {
                for (row, group) in block.groups.enumerated() where wanted.contains(group) {
                    kernel.score(block, from: row, against: query, into: score)
                    guard !score[0].isNaN else { continue }
                    let hit = VectorHit(id: block.ids[row], group: group, score: score[0])
                    best[group] = best[group].map { min($0, hit) } ?? hit
                }
            }
        }
        return best
    }

    private func scan(
        _ query: [Float], limit: Int, distinctGroups: Bool, where allowed: ((Int64) -> Bool)?
    ) throws(VectorError) -> [VectorHit] {
        let query = try quantize(query)
        guard limit > 0 else { return [] }
        let blocks = blocks
        let rows = blocks.reduce(0) { $0 + $1.live }
        var pool = CandidatePool(limit: min(limit, max(rows, 1)), distinctGroups: distinctGroups)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: CodeBlock.capacity) { buffer in
            for block in blocks {
                let scores = UnsafeMutableBufferPointer(rebasing: buffer[..<block.rows])
                kernel.score(block, against: query, into: scores)
                for row in 0..<block.rows where scores[row] > pool.threshold {
                    let group = block.groups[row]
                    guard allowed?(group) ?? true else { continue }
                    pool.insert(VectorHit(id: block.ids[row], group: group, score: scores[row]))
                }
            }
        }
        return pool.finish()
    }
}
