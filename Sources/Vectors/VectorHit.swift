/// A passage found: its id, the item it belongs to, and the dot product with the query
/// (the cosine, as embeddings are unit vectors).
public struct VectorHit: Sendable, Equatable, Comparable {
    public let id: Int64
    public let group: Int64
    public let score: Float

    public init(id: Int64, group: Int64, score: Float) {
        self.id = id
        self.group = group
        self.score = score
    }

    /// Best first; ties in the order of ids, so that the same search gives the same list.
    public static func < (a: VectorHit, b: VectorHit) -> Bool {
        a.score != b.score ? a.score > b.score : a.id < b.id
    }
}

/// A passage to keep: its id, the item it belongs to, and its vector.
public struct VectorRow: Sendable, Equatable {
    public let id: Int64
    public let group: Int64
    public let vector: [Float]

    public init(id: Int64, group: Int64, vector: [Float]) {
        self.id = id
        self.group = group
        self.vector = vector
    }
}

public enum VectorError: Error, Equatable {
    /// A vector of another length than the partition was made for, such as of another model.
    case wrongDimensions(expected: Int, found: Int)
}
