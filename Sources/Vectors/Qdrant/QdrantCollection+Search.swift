import NIOHTTP1

extension QdrantCollection {
    /// Requests of one search that are under way at once.
    private static let atOnce = 4

    /// The items of a space whose best passage is nearest, each with that passage, best first.
    ///
    /// A server that did not answer is left alone for a while, so that searches do not wait for it one after the other.
    /// - Parameter items: where given, only these may be found. Many are asked for in several requests.
    public func nearestGroups(
        _ vector: [Float], in space: Int64, among items: [Int64]? = nil, limit: Int
    ) async throws -> [VectorHit] {
        if let reasonToRest { throw reasonToRest }
        guard let items else { return try await groups(vector, [.space(space)], limit) }
        let parts = stride(from: 0, to: items.count, by: Self.mostIDs).map {
            Array(items[$0..<min($0 + Self.mostIDs, items.count)])
        }
        // Each request has the time of a search; all of them together have twice that.
        return try await within(configuration.searchTimeout * 2) {
            try await self.nearest(of: parts, limit) { part in
                try await self.groups(vector, [.space(space), .items(part)], limit)
            }
        }
    }

    private func nearest(
        of parts: [[Int64]], _ limit: Int, _ ask: @escaping @Sendable ([Int64]) async throws -> [VectorHit]
    ) async throws -> [VectorHit] {
        try await withThrowingTaskGroup(of: [VectorHit].self) { group in
            var waiting = parts.makeIterator()
            for part in (0..<Self.atOnce).compactMap({ _ in waiting.next() }) { group.addTask { try await ask(part) } }
            var best: [VectorHit] = []
            while let found = try await group.next() {
                best = Array((best + found).sorted().prefix(limit))
                if let part = waiting.next() { group.addTask { try await ask(part) } }
            }
            return best
        }
    }

    private func groups(
        _ vector: [Float], _ conditions: [QdrantFilter.Condition], _ limit: Int
    ) async throws -> [VectorHit] {
        let query = QdrantGroupsQuery(
            query: vector, filter: QdrantFilter(must: conditions), params: .init(beam: max(256, limit)), limit: limit)
        let found = try await watched(.search) {
            try await connection.send(
                .POST, path + "/points/query/groups", query, effort: .search, as: QdrantGroups.self)
        }
        return found.groups.compactMap { group in
            group.hits.first.map { VectorHit(id: $0.id, group: group.id, score: $0.score) }
        }.sorted()
    }

    /// Asks for the collection, so that `failure` says how the server is now. Waits no longer than a search.
    public func look() async {
        _ = try? await watched(.check) {
            try check(await connection.send(.GET, path, effort: .search, as: QdrantCollectionInfo.self))
        }
    }
}
