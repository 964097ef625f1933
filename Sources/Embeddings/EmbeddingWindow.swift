/// The texts that one worker has taken, cut into batches of similar length.
struct EmbeddingWindow {
    /// Enough to find texts of similar length, few enough that several callers get their turn.
    static let size = 64

    struct Batch {
        var items: [EmbeddingQueue.Item]
        var tokens: TokenBatch
    }

    private var batches: [Batch] = []

    init() {}

    init(_ items: [EmbeddingQueue.Item], tokenizer: WordPiece) {
        let tokens = items.map { tokenizer.ids(of: $0.text) }
        batches = TokenBatch.grouping(tokens).reversed().map { group in
            Batch(items: group.map { items[$0] }, tokens: TokenBatch(group.map { tokens[$0] }))
        }
    }

    var isEmpty: Bool { batches.isEmpty }

    mutating func next() -> Batch? { batches.popLast() }
}
