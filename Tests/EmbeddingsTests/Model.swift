import Embeddings
import TestSupport

/// The real model.
enum Model {
    static let files = EmbeddingModelFiles(packages: Checkout.packages)
    static let vocabulary = files.model + "/vocab.txt"

    /// Loaded once for all tests: f32, so that results are the same on every processor.
    static let encoder = Result { () throws(EmbeddingFailure) in
        try SentenceEncoder(files: files, precision: .f32, threads: 2)
    }
    static let tokenizer = Result { () throws(EmbeddingFailure) in
        try WordPiece(vocabulary: vocabulary)
    }
}

func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
