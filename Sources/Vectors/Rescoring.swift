extension [VectorHit] {
    /// How many candidates to rescore for `limit` results: with four times as many, and at least
    /// 40, the rounding of the codes no longer loses a neighbour.
    public static func candidates(for limit: Int) -> Int { Swift.max(40, limit * 4) }

    /// The hits with exact scores, best first.
    ///
    /// - Parameter vectors: the float vectors of these passage ids; one that is missing has been
    ///   deleted meanwhile, and its hit is dropped.
    public func rescored(
        for query: [Float], vectors: (_ ids: [Int64]) throws -> [Int64: [Float]]
    ) rethrows -> [VectorHit] {
        guard !isEmpty else { return [] }
        let exact = try vectors(map(\.id))
        return compactMap { hit in
            guard let vector = exact[hit.id], vector.count == query.count else { return nil }
            let score = dotProduct(vector, query)
            return VectorHit(id: hit.id, group: hit.group, score: score)
        }
        .sorted()
    }
}
