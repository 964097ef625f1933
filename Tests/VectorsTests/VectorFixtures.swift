import Vectors

/// Numbers that are the same in every run (xorshift64).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func unitVector(_ dimensions: Int, near centre: [Float]? = nil) -> [Float] {
        var vector = (0..<dimensions).map { _ in Float.random(in: -1...1, using: &self) }
        if let centre { for index in vector.indices { vector[index] = vector[index] * 0.05 + centre[index] } }
        let length = dot(vector, vector).squareRoot()
        return vector.map { $0 / length }
    }

    /// Passages around topics, two to an item: what a space of bookmarks looks like.
    mutating func library(_ count: Int, dimensions: Int = 96, topics: Int = 20) -> [VectorRow] {
        let centres = (0..<topics).map { _ in unitVector(dimensions) }
        return (0..<count).map { index in
            let vector = unitVector(dimensions, near: centres[index / 2 % topics])
            return VectorRow(id: Int64(index + 1), group: Int64(index / 2 + 1), vector: vector)
        }
    }
}

func dot(_ a: [Float], _ b: [Float]) -> Float {
    var sum: Float = 0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
}

/// The answer without codes, blocks or pruning.
func exactHits(_ rows: [VectorRow], for query: [Float]) -> [VectorHit] {
    rows.map { VectorHit(id: $0.id, group: $0.group, score: dot($0.vector, query)) }.sorted()
}
