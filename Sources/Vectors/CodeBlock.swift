/// Up to 1024 rows of codes in one piece of memory.
///
/// A plain value: a search keeps the blocks it started with, and a writer that comes meanwhile
/// copies at most the one block it changes (0.4 MB).
struct CodeBlock: Sendable {
    static let capacity = 1024

    /// Row after row, each code plus 128.
    private(set) var codes: [UInt8] = []
    /// NaN for a removed row, so that its score compares false with every threshold.
    private(set) var scales: [Float] = []
    private(set) var ids: [Int64] = []
    private(set) var groups: [Int64] = []
    private(set) var live = 0

    var rows: Int { ids.count }
    var isFull: Bool { rows == Self.capacity }
    var memory: Int {
        codes.capacity + scales.capacity * 4 + (ids.capacity + groups.capacity) * 8
    }

    mutating func append(id: Int64, group: Int64, vector: QuantizedVector) {
        reserve(stride: vector.codes.count)
        codes.append(contentsOf: vector.codes.lazy.map { UInt8(bitPattern: $0) ^ 0x80 })
        scales.append(vector.scale)
        ids.append(id)
        groups.append(group)
        live += 1
    }

    /// Marks the rows dead; returns whether any was.
    mutating func remove(where isRemoved: (_ id: Int64, _ group: Int64) -> Bool) -> Bool {
        let before = live
        for row in 0..<rows where isRemoved(ids[row], groups[row]) && !scales[row].isNaN {
            scales[row] = .nan
            live -= 1
        }
        return live < before
    }

    /// Appends the live rows of another block; there must be room for them.
    mutating func append(liveRowsOf other: CodeBlock, stride: Int) {
        for row in 0..<other.rows where !other.scales[row].isNaN {
            reserve(stride: stride)
            codes.append(contentsOf: other.codes[row * stride..<(row + 1) * stride])
            scales.append(other.scales[row])
            ids.append(other.ids[row])
            groups.append(other.groups[row])
            live += 1
        }
    }

    /// Grows in a few steps to exactly one block, where doubling could end at twice that, and a
    /// person with ten bookmarks needs no whole block.
    private mutating func reserve(stride: Int) {
        let room: Int
        switch rows {
        case 0: room = 16
        case 16: room = 128
        case 128: room = Self.capacity
        default: return
        }
        codes.reserveCapacity(room * stride)
        scales.reserveCapacity(room)
        ids.reserveCapacity(room)
        groups.reserveCapacity(room)
    }
}

extension [CodeBlock] {
    /// Rebuilds blocks of which half or more is dead, joined with the block before where both fit
    /// into one: memory stays below twice what the live rows need, at a cost bounded by the change.
    mutating func compact(stride: Int) {
        guard contains(where: { $0.live * 2 <= $0.rows }) else { return }
        var result: [CodeBlock] = []
        for block in self {
            guard block.live * 2 <= block.rows else {
                result.append(block)
                continue
            }
            if let last = result.indices.last, result[last].rows + block.live <= CodeBlock.capacity {
                result[last].append(liveRowsOf: block, stride: stride)
            } else if block.live > 0 {
                var rebuilt = CodeBlock()
                rebuilt.append(liveRowsOf: block, stride: stride)
                result.append(rebuilt)
            }
        }
        self = result
    }
}
