import Vectors

/// A search behind a filter that leaves many items. The server knows spaces and items, nothing of what filters are made
/// of; and a request that named every item that is left would grow with the library.
struct QdrantFilteredSearch: Sendable {
    /// The most items that are asked for, to be filtered here.
    private static let most = 2000
    /// How many more than are needed on average: what is near is not filtered like the rest.
    private static let reserve = 1.5

    /// The items that the filter leaves.
    let items: [Int64]
    /// How many items the space has.
    let there: Int

    /// How many items to ask for without the filter, so that enough pass it; nil where those would be too many.
    func unfiltered(for depth: Int) -> Int? {
        let needed = (Double(depth) * Double(max(there, items.count)) / Double(items.count) * Self.reserve).rounded(.up)
        return needed <= Double(Self.most) ? Int(needed) : nil
    }

    /// Asks for more than is needed and filters it; where too little passes, asks for the items by their ids, some at a
    /// time.
    func nearest(_ question: MeaningQuestion, in collection: QdrantCollection) async throws -> [VectorHit] {
        let (space, depth) = (question.space.rawValue, question.depth)
        if let limit = unfiltered(for: depth) {
            let allowed = Set(items)
            let passing = try await collection.nearestGroups(question.meaning, in: space, limit: limit)
                .filter { allowed.contains($0.group) }.prefix(depth)
            if passing.count >= min(depth, items.count) { return Array(passing) }
        }
        return try await collection.nearestGroups(question.meaning, in: space, among: items, limit: depth)
    }
}
