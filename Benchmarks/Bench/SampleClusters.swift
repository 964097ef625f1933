import Embeddings
import Vectors

/// Unit vectors in clusters, as those of texts are, and queries among them.
struct SampleClusters: Sendable {
    let vectors: [[Float]]
    let queries: [[Float]]
    /// Vectors whose indices lie so far apart, or a multiple of it, are of one cluster.
    let clusters: Int

    init(count: Int, queries: Int, clusters: Int = 500, dimensions: Int = SentenceEncoder.dimensions) {
        self.clusters = clusters
        var random = SeededRandom(5)
        let centres = (0..<clusters).map { _ in Self.near(nil, dimensions, using: &random) }
        vectors = (0..<count).map { Self.near(centres[$0 % clusters], dimensions, using: &random) }
        self.queries = (0..<queries).map { _ in
            Self.near(centres.randomElement(using: &random), dimensions, using: &random)
        }
    }

    /// A unit vector near a centre; anywhere without one.
    private static func near(_ centre: [Float]?, _ dimensions: Int, using random: inout SeededRandom) -> [Float] {
        var vector = (0..<dimensions).map { place in
            (centre?[place] ?? 0) + Float.random(in: -0.06...0.06, using: &random)
        }
        let length = dotProduct(vector, vector).squareRoot()
        for place in vector.indices { vector[place] /= length }
        return vector
    }

    /// The indices of the nearest, by every score.
    func nearest(_ count: Int, to query: [Float], among rows: [Int]) -> ArraySlice<Int> {
        rows.map { (row: $0, score: dotProduct(vectors[$0], query)) }.sorted { $0.score > $1.score }.map(\.row)
            .prefix(count)
    }
}
