import Embeddings
import Foundation
import Measurements

/// Vectors of a large library in seconds: the sample texts are embedded by the real model, and a bookmark's vector is
/// mixed from those of the texts it is composed of, with some noise.
struct SampleVectors: Sendable {
    let vectors: [[Float]]

    init(of texts: [SampleText]) async throws {
        let embeddings = EmbeddingService(files: EmbeddingModelFiles(packages: ModelPackages.folder))
        defer { embeddings.stop() }
        // About as long as a passage.
        let passages = texts.map { text in
            ([text.title] + text.sentences).joined(separator: ". ").split(separator: " ").prefix(150).joined(
                separator: " ")
        }
        vectors = try await embeddings.embed(passages)
    }

    /// A unit vector between those of two texts, nearer to the first.
    func mix(_ main: Int, _ other: Int, using random: inout SeededRandom) -> [Float] {
        let share = Float.random(in: 0.1..<0.45, using: &random)
        // As long as a third of a unit vector: neighbours differ as real ones do.
        let noise = 0.33 * sqrt(3 / Float(SentenceEncoder.dimensions))
        var mixed = zip(vectors[main], vectors[other]).map { one, two in
            (1 - share) * one + share * two + Float.random(in: -noise...noise, using: &random)
        }
        let length = sqrt(mixed.reduce(0) { $0 + $1 * $1 })
        for place in mixed.indices { mixed[place] /= length }
        return mixed
    }
}
