import NIOHTTP1

/// What a collection holds, for those who compare it with the records.
extension QdrantCollection {
    /// How many passages of a space, or of all, are there.
    public func count(of space: Int64? = nil) async throws -> Int {
        try await watched(.inspection) {
            guard let space else {
                return try await connection.send(
                    .POST, path + "/points/count", ["exact": true], effort: .update, as: QdrantCount.self
                ).count
            }
            let body = QdrantFilterBody(filter: QdrantFilter(must: [.space(space)]))
            return try await connection.send(
                .POST, path + "/points/count", body, effort: .update, as: QdrantCount.self
            ).count
        }
    }

    /// The ids of a space's passages, ascending from `first` on.
    ///
    /// - Returns: at most `limit` of them, and the id to go on from; nil where there are no more.
    public func passages(of space: Int64, from first: Int64, limit: Int) async throws -> (ids: [Int64], next: Int64?) {
        let scroll = QdrantScroll(filter: QdrantFilter(must: [.space(space)]), offset: first, limit: limit)
        let page = try await watched(.inspection) {
            try await connection.send(
                .POST, path + "/points/scroll", scroll, effort: .update, as: QdrantScrolled.self)
        }
        return (page.points.map(\.id), page.next)
    }
}
