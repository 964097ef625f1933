import Persistence
import Vectors

/// Vectors as int8 codes in each process's own memory, which follow the rows when a space is searched.
public final class MemoryVectors: VectorStore {
    /// Rows read at a time when a space is loaded or brought up to date.
    private static let page = 2000

    private let dimensions: Int
    private let cache: VectorCache

    /// - Parameters:
    ///   - dimensions: of the model's vectors
    ///   - budget: bytes; beyond it the spaces least recently searched are let go
    ///   - state: says so where this is the second choice
    public init(dimensions: Int, budget: Int = 256 * 1024 * 1024, state: VectorStoreState = .ok) {
        self.state = state
        self.dimensions = dimensions
        cache = VectorCache(
            dimensions: dimensions, budget: budget, longestAbsence: RemovedPassages.longestAbsence)
    }

    public let state: VectorStoreState

    public func look() {}

    public var needsUpkeep: Bool { false }

    public func ask(_ question: MeaningQuestion) -> MeaningAnswer? {
        guard question.meaning.count == dimensions else { return nil }
        return { [self] allowed, connection in
            let rows = PassageRows(space: question.space, connection: connection)
            return CodedPassages(
                partition: try partition(of: rows), meaning: question.meaning, allowed: allowed.map { $0.contains },
                vectors: rows.vectors)
        }
    }

    /// The vectors of a space as this transaction sees them.
    func partition(of rows: PassageRows) throws -> VectorPartition {
        try cache.partition(of: rows.space.rawValue) { last in
            var changes = try rows.changes(after: last, limit: Self.page)
            // Vectors of another model are near nothing.
            changes.stored.removeAll { $0.vector.count != dimensions }
            return changes
        }
    }

    public func willChange(_: Space, in _: SQLConnection) {}

    public func didStore(_: Int64, in _: Space, _: SQLConnection) {}

    public func catchUp() {}

    public func rebuild() { cache.forgetAll() }
}

/// Codes in memory, with exact scores from the rows.
public struct CodedPassages: NearestPassages {
    private let partition: VectorPartition
    private let meaning: [Float]
    private let allowed: ((Int64) -> Bool)?
    private let vectors: ([Int64]) throws -> [Int64: [Float]]

    /// - Parameters:
    ///   - partition: the vectors of the space; groups are items
    ///   - allowed: which items may be found
    ///   - vectors: the float vectors of passages
    public init(
        partition: VectorPartition, meaning: [Float], allowed: ((_ item: Int64) -> Bool)? = nil,
        vectors: @escaping (_ passages: [Int64]) throws -> [Int64: [Float]]
    ) {
        self.partition = partition
        self.meaning = meaning
        self.allowed = allowed
        self.vectors = vectors
    }

    public func nearest(_ limit: Int) throws -> [VectorHit] {
        try partition.searchGroups(meaning, limit: limit, where: allowed)
    }

    public func nearestExactly(_ limit: Int) throws -> [VectorHit] {
        Array(
            try nearest([VectorHit].candidates(for: limit)).rescored(for: meaning, vectors: vectors).prefix(limit))
    }

    public func best(of items: Set<Int64>) throws -> [Int64: VectorHit] {
        try partition.bestPassages(of: items, for: meaning)
    }
}
