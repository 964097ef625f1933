import Synchronization

/// The vectors of one space, as int8 codes in memory.
///
/// Readers take the blocks as they are and scan without a lock; a writer holds the lock for the
/// change alone. Appending an id that is there replaces it.
public final class VectorPartition: Sendable {
    public let dimensions: Int
    let stride: Int
    let kernel: VectorKernel
    private let state = Mutex(State())

    fileprivate struct State {
        var blocks: [CodeBlock] = []
        var highestID = Int64.min
    }

    public init(dimensions: Int, kernel: VectorKernel = .best) {
        self.dimensions = dimensions
        self.stride = QuantizedVector.stride(dimensions: dimensions)
        self.kernel = kernel
    }

    /// Passages held.
    public var count: Int { blocks.reduce(0) { $0 + $1.live } }

    /// Bytes held.
    public var memory: Int { blocks.reduce(0) { $0 + $1.memory } }

    public func append(id: Int64, group: Int64, vector: [Float]) throws(VectorError) {
        try append([VectorRow(id: id, group: group, vector: vector)])
    }

    public func append(_ rows: [VectorRow]) throws(VectorError) {
        let quantized = try rows.map { row throws(VectorError) in try quantize(row.vector) }
        state.withLock { state in
            let highest = state.highestID
            let known = Set(rows.lazy.map(\.id).filter { $0 <= highest })
            state.remove(IdentifierSet(known), stride: stride) { id, _ in id }
            for (row, vector) in zip(rows, quantized) {
                if state.blocks.last?.isFull ?? true { state.blocks.append(CodeBlock()) }
                let last = state.blocks.count - 1
                state.blocks[last].append(id: row.id, group: row.group, vector: vector)
                state.highestID = max(state.highestID, row.id)
            }
        }
    }

    public func remove(ids: Set<Int64>) {
        let removed = IdentifierSet(ids)
        state.withLock { $0.remove(removed, stride: stride) { id, _ in id } }
    }

    public func remove(groups: Set<Int64>) {
        let removed = IdentifierSet(groups)
        state.withLock { $0.remove(removed, stride: stride) { _, group in group } }
    }

    /// What a search scans; later changes do not touch it.
    var blocks: [CodeBlock] { state.withLock { $0.blocks } }

    func quantize(_ vector: [Float]) throws(VectorError) -> QuantizedVector {
        guard vector.count == dimensions else {
            throw .wrongDimensions(expected: dimensions, found: vector.count)
        }
        return QuantizedVector(vector, stride: stride)
    }
}

extension VectorPartition.State {
    fileprivate mutating func remove(
        _ removed: IdentifierSet, stride: Int, by key: (_ id: Int64, _ group: Int64) -> Int64
    ) {
        guard !removed.isEmpty else { return }
        var changed = false
        for index in blocks.indices {
            if blocks[index].remove(where: { removed.contains(key($0, $1)) }) { changed = true }
        }
        if changed { blocks.compact(stride: stride) }
    }
}
