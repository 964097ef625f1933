import Embeddings
import NIOPosix
import Synchronization

/// A passage of a text with what it means.
public struct EmbeddedPassage: Sendable {
    /// Where the passage is in the content, in UTF-8 bytes.
    let range: Range<Int>
    /// Unit length.
    let vector: [Float]

    public init(range: Range<Int>, vector: [Float]) {
        self.range = range
        self.vector = vector
    }
}

/// Turns entries and queries into vectors, where the model is there to do it.
public final class SearchEmbedder: Sendable {
    private let embeddings: EmbeddingService
    private let vocabulary: String
    private let threads: NIOThreadPool
    private let tokenizer = Mutex<WordPiece?>(nil)

    /// - Parameters:
    ///   - vocabulary: the file of the model's words, read when first needed.
    ///   - threads: where long texts are split, so that they do not hold up requests.
    public init(embeddings: EmbeddingService, vocabulary: String, threads: NIOThreadPool) {
        self.embeddings = embeddings
        self.vocabulary = vocabulary
        self.threads = threads
    }

    /// The passages of a text, each with its title; nil where the model is not there now, which the backlog then
    /// catches up with.
    public func passages(
        title: String, content: String, priority: EmbeddingPriority = .bulk
    ) async -> [EmbeddedPassage]? {
        do {
            let splitter = Passages(tokenizer: try loadTokenizer())
            let passages = try await threads.runIfActive { splitter.split(content, title: title) }
            let vectors = try await embeddings.embed(passages.map(\.text), priority: priority)
            return zip(passages, vectors).map { EmbeddedPassage(range: $0.range, vector: $1) }
        } catch {
            return nil
        }
    }

    /// What a query means; nil where it has no words, or the model is not there and the words alone must do.
    func query(_ text: String) async -> [Float]? {
        guard !text.isEmpty else { return nil }
        return try? await embeddings.embed([text], priority: .interactive).first
    }

    private func loadTokenizer() throws -> WordPiece {
        try tokenizer.withLock { tokenizer in
            if let tokenizer { return tokenizer }
            let loaded = try WordPiece(vocabulary: vocabulary)
            tokenizer = loaded
            return loaded
        }
    }
}
