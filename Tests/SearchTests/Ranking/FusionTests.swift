import Testing
import Vectors

@testable import Search

@Suite("Words and meaning together")
struct FusionTests {
    @Test("both scores count; the best of both is first")
    func both() {
        let ranked = Fusion.rank(coverage: [1: 0.9, 2: 0.7, 3: 0.1], similarity: [1: 0.1, 2: 0.7, 3: 0.8, 4: 0.6])
        #expect(ranked.map(\.id) == [2, 1, 3, 4])
        #expect(ranked.allSatisfy { (0...1).contains($0.score) })
    }

    @Test("an entry not embedded yet is neither hidden nor lifted")
    func notEmbedded() {
        let ranked = Fusion.rank(coverage: [1: 0.9, 2: 0.2, 3: 0.9], similarity: [1: 0.6, 2: 0.2])
        #expect(ranked.map(\.id) == [1, 3, 2])
        #expect(Fusion.rank(coverage: [1: 0.2, 2: 0.4], similarity: [:]).map(\.id) == [2, 1])
    }

    @Test("an opposite meaning is no worse than none; equal entries come newest first")
    func edges() {
        #expect(Fusion.score(coverage: 0.4, similarity: -0.9) == Fusion.score(coverage: 0.4, similarity: 0))
        #expect(Fusion.rank(coverage: [:], similarity: [1: 0.5, 3: 0.5, 2: 0.5]).map(\.id) == [3, 2, 1])
        #expect(Fusion.rank(coverage: [:], similarity: [:]).isEmpty)
    }

    @Test("an entry among good ones rises above one that stands alone")
    func neighbours() {
        let ranked: [(id: Int64, score: Double)] = [(1, 0.70), (2, 0.62), (3, 0.60), (4, 0.58), (5, 0.1), (6, 0.1)]
        let vectors: [Int64: [Float]] = [
            1: [1, 0, 0], 2: [0.8, 0, 0.6], 3: [0.9, 0, 0.436], 4: [0.1, 0.995, 0], 5: [0, 1, 0], 6: [0, 0.99, 0.14],
        ]
        let supported = NeighbourSupport.rank(ranked, vectors: vectors)
        #expect(supported.map(\.id).prefix(4) == [1, 2, 3, 4])
        let (third, fourth) = (supported[2].score, supported[3].score)
        #expect(third - fourth > 0.1)
        #expect(zip(supported, supported.dropFirst()).allSatisfy { $0.score >= $1.score })
    }

    @Test("a short list keeps its order, and the end of a long one too")
    func order() {
        #expect(NeighbourSupport.rank([], vectors: [:]).isEmpty)
        #expect(NeighbourSupport.rank([(1, 0.5)], vectors: [1: [1]]).map(\.score) == [0.5])
        let pair = NeighbourSupport.rank([(1, 0.8), (2, 0.3)], vectors: [1: [1, 0], 2: [1, 0]])
        #expect(pair.map(\.id) == [1, 2])
        let long = (1...100).map { (id: Int64($0), score: 1 / Double($0)) }
        let ranked = NeighbourSupport.rank(long, vectors: [:])
        #expect(ranked.map(\.id) == Array(1...100))
        #expect(zip(ranked, ranked.dropFirst()).allSatisfy { $0.score >= $1.score })
    }
}

@Suite("Ranking a space by both legs")
struct HybridRankingTests {
    /// Entry n means direction n; entry 9 is a neighbour of entry 1 in meaning and shares no word.
    private let rows: [VectorRow] = {
        func direction(_ index: Int, also other: Int? = nil) -> [Float] {
            var vector = [Float](repeating: 0, count: 16)
            vector[index] = other == nil ? 1 : 0.8
            if let other { vector[other] = 0.6 }
            return vector
        }
        return (1...8).map { VectorRow(id: Int64($0) * 10, group: Int64($0), vector: direction($0)) }
            + [VectorRow(id: 90, group: 9, vector: direction(1, also: 9))]
    }()

    /// A ranking for the meaning of the first row.
    private func ranking(where allowed: ((Int64) -> Bool)? = nil) throws -> HybridRanking {
        let partition = VectorPartition(dimensions: 16)
        try partition.append(rows)
        func vectors(_ ids: [Int64]) -> [Int64: [Float]] {
            Dictionary(uniqueKeysWithValues: rows.filter { ids.contains($0.id) }.map { ($0.id, $0.vector) })
        }
        let near = CodedPassages(
            partition: partition, meaning: rows[0].vector, allowed: allowed, vectors: vectors)
        return HybridRanking(near: near, vectors: vectors)
    }

    @Test("an entry near in meaning is found without its words, one with the words without the meaning")
    func legs() throws {
        let ranked = try ranking().rank(covered: [5: 0.6]) { _ in [:] }
        #expect(ranked.prefix(3).map(\.id) == [1, 9, 5])
        #expect(ranked[0].passage?.id == 10 && ranked[0].coverage == 0 && ranked[2].coverage == 0.6)
        #expect(ranked == ranked.sorted { $0.score > $1.score })
    }

    @Test("a candidate by meaning gets its words counted too")
    func missingCoverage() throws {
        let ranked = try ranking().rank(covered: [:]) { ids in
            #expect(ids == [1, 2, 3, 4, 5, 6, 7, 8, 9])
            return [9: 0.9]
        }
        #expect(ranked.first?.id == 9)
    }

    @Test("only allowed entries are found")
    func narrowed() throws {
        let narrowed = try ranking { $0 != 1 }
        #expect(try !narrowed.rank(covered: [:]) { _ in [:] }.contains { $0.id == 1 })
        #expect(try narrowed.rank(limit: 3).map(\.id).first == 9)
    }

    @Test("by meaning alone, the nearest are first with exact scores")
    func meaning() throws {
        let found = try ranking().rank(limit: 2)
        #expect(found.map(\.id) == [1, 9] && abs(found[1].score - 0.8) < 1e-6)
    }

    @Test("a space without vectors is ranked by words")
    func noVectors() throws {
        let near = CodedPassages(partition: VectorPartition(dimensions: 16), meaning: rows[0].vector) { _ in [:] }
        let ranking = HybridRanking(near: near) { _ in [:] }
        let ranked = try ranking.rank(covered: [1: 0.1, 2: 0.3]) { _ in [:] }
        #expect(ranked.map(\.id) == [2, 1] && ranked[0].passage == nil)
    }
}

extension HybridRanking.Entry: Equatable {
    public static func == (a: Self, b: Self) -> Bool { a.id == b.id && a.score == b.score }
}
