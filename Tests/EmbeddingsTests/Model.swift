import Embeddings
import Foundation

/// The real model, found by `FUZE_PACKAGES` or in `.deps/packages` above this file.
enum Model {
    static let packages: String = {
        if let folder = ProcessInfo.processInfo.environment["FUZE_PACKAGES"] { return folder }
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let packages = folder.appending(path: ".deps/packages").path
            if FileManager.default.fileExists(atPath: packages) { return packages }
        }
        return "/nowhere"
    }()

    static let files = EmbeddingModelFiles(packages: packages)
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
