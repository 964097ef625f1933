/// WordPiece entries as a byte trie whose edges lie in one hash table, so that the longest entry at a
/// position is found in one pass over its bytes.
struct Vocabulary: Sendable {
    private static let beginning: UInt32 = 0
    private static let continuation: UInt32 = 1

    /// `node << 8 | byte`, shifted up by one so that zero means empty; a power of two of them.
    private var edges: [UInt32]
    private var targets: [UInt32]
    /// The token ending at each node, or -1.
    private var tokens: [Int32] = [-1, -1]
    /// One more than the greatest id.
    private(set) var count = 0

    /// One entry a line, its id being the number of the line; entries after `##` continue a word.
    init(lines: some BidirectionalCollection<UInt8>) {
        var capacity = 1024
        while capacity < lines.count * 2 { capacity *= 2 }
        edges = Array(repeating: 0, count: capacity)
        targets = Array(repeating: 0, count: capacity)
        for (id, line) in lines.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let entry = line.last == 13 ? line.dropLast() : line
            guard !entry.isEmpty else { continue }
            count = id + 1
            let continues = entry.count > 2 && entry.starts(with: [35, 35])
            insert(
                continues ? entry.dropFirst(2) : entry,
                at: continues ? Self.continuation : Self.beginning, id: Int32(id))
        }
    }

    private mutating func insert(_ entry: some Sequence<UInt8>, at root: UInt32, id: Int32) {
        var node = root
        for byte in entry {
            let slot = slot(node, byte)
            if edges[slot] == 0 {
                edges[slot] = Self.key(node, byte)
                targets[slot] = UInt32(tokens.count)
                tokens.append(-1)
            }
            node = targets[slot]
        }
        if tokens[Int(node)] < 0 { tokens[Int(node)] = id }
    }

    private static func key(_ node: UInt32, _ byte: UInt8) -> UInt32 { (node << 8 | UInt32(byte)) + 1 }

    /// Where that edge is, or the empty slot where it would be.
    private func slot(_ node: UInt32, _ byte: UInt8) -> Int {
        let key = Self.key(node, byte)
        var slot = Int((UInt64(key) &* 0x9E37_79B9_7F4A_7C15) >> 32) & (edges.count - 1)
        while edges[slot] != key, edges[slot] != 0 { slot = (slot + 1) & (edges.count - 1) }
        return slot
    }

    /// The longest entry that is a prefix of `bytes` from `start`.
    func longest(_ bytes: [UInt8], from start: Int) -> (id: Int32, end: Int)? {
        var node = start == 0 ? Self.beginning : Self.continuation
        var found: (id: Int32, end: Int)?
        var index = start
        while index < bytes.count {
            let slot = slot(node, bytes[index])
            guard edges[slot] != 0 else { break }
            node = targets[slot]
            index += 1
            if tokens[Int(node)] >= 0 { found = (tokens[Int(node)], index) }
        }
        return found
    }

    /// The id of exactly this entry that begins a word.
    func id(of entry: String) -> Int32? {
        let bytes = Array(entry.utf8)
        guard let found = longest(bytes, from: 0), found.end == bytes.count else { return nil }
        return found.id
    }
}
