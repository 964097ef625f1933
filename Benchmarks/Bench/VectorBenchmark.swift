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
        let samples = SampleClusters(count: Self.count, queries: Self.searches)
        let (vectors, queries) = (samples.vectors, samples.queries)
        let partition = VectorPartition(dimensions: dimensions)
        try partition.append(vectors.indices.map { VectorRow(id: Int64($0), group: Int64($0), vector: vectors[$0]) })
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
            let exact = samples.nearest(10, to: search.1, among: Array(vectors.indices)).map(Int64.init)
            return sum + search.0.intersection(exact).count
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
}
