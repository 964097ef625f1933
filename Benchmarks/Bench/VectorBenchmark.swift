import Embeddings
import Foundation
import Measurements
import Vectors

/// The exact search among all vectors of a space, and whether it is exact.
struct VectorBenchmark {
    let bench: Bench

    private static let count = 100_000
    private static let searches = 100

    func run() throws -> [Figure] {
        bench.say("vectors")
        let dimensions = SentenceEncoder.dimensions
        var random = SeededRandom(5)
        // In clusters, as the vectors of texts are.
        let centres = (0..<500).map { _ in Self.near(nil, dimensions, using: &random) }
        let vectors = (0..<Self.count).map { Self.near(centres[$0 % centres.count], dimensions, using: &random) }
        let partition = VectorPartition(dimensions: dimensions)
        try partition.append(vectors.indices.map { VectorRow(id: Int64($0), group: Int64($0), vector: vectors[$0]) })
        let queries = (0..<Self.searches).map { _ in
            Self.near(centres.randomElement(using: &random), dimensions, using: &random)
        }
        var times: [Double] = []
        let found = try queries.map { query in
            let start = ContinuousClock.now
            let hits = try partition.search(query, limit: [VectorHit].candidates(for: 10)).rescored(for: query) { ids in
                Dictionary(uniqueKeysWithValues: ids.map { ($0, vectors[Int($0)]) })
            }
            times.append((ContinuousClock.now - start).milliseconds)
            return Set(hits.prefix(10).map(\.id))
        }
        let right = zip(found, queries).reduce(0) { sum, search in
            sum + search.0.intersection(Self.nearest(10, to: search.1, vectors)).count
        }
        let group = "Exact vector search, \(Self.count) × \(dimensions)"
        return [
            Figure(
                group, "search with rescoring, p50", Samples(times).median, "ms", target: .atMost(2), digits: 2,
                note: String(format: "p95 %.2f ms; %@", Samples(times).quantile(0.95), VectorKernel.best.rawValue)),
            Figure(
                group, "recall@10 against exact f32", Double(right) / Double(10 * Self.searches),
                target: .atLeast(0.999), digits: 4),
            Figure(group, "memory", megabytes(Double(partition.memory)), "MB"),
        ]
    }

    /// A unit vector near a centre; anywhere without one.
    private static func near(_ centre: [Float]?, _ dimensions: Int, using random: inout SeededRandom) -> [Float] {
        var vector = (0..<dimensions).map { place in
            (centre?[place] ?? 0) + Float.random(in: -0.06...0.06, using: &random)
        }
        let length = dot(vector, vector).squareRoot()
        for place in vector.indices { vector[place] /= length }
        return vector
    }

    private static func nearest(_ count: Int, to query: [Float], _ vectors: [[Float]]) -> Set<Int64> {
        let scores = vectors.map { dot($0, query) }
        return Set(scores.indices.sorted { scores[$0] > scores[$1] }.prefix(count).map(Int64.init))
    }

    private static func dot(_ one: [Float], _ other: [Float]) -> Float {
        var sum = SIMD16<Float>.zero
        one.withUnsafeBytes { one in
            other.withUnsafeBytes { other in
                for offset in stride(from: 0, to: one.count / 64 * 64, by: 64) {
                    sum.addProduct(
                        one.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self),
                        other.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self))
                }
            }
        }
        return sum.sum()
    }
}
