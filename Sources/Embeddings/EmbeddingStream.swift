extension SentenceEncoder {
    /// Embeds a sequence of any length in bounded memory: reads ahead by a window, computes it with all
    /// threads, and hands out each text's result in order.
    ///
    /// A window that cannot be computed gives each of its texts the failure; the rest goes on.
    public func embedEach(
        of texts: some Sequence<String>,
        _ body: (_ text: String, _ vector: Result<[Float], EmbeddingFailure>) throws -> Void
    ) rethrows {
        let maxTexts = 512
        let maxBytes = 4 << 20
        var window: [String] = []
        var bytes = 0
        for text in texts {
            window.append(text)
            bytes += text.utf8.count
            if window.count == maxTexts || bytes >= maxBytes {
                try embedWindow(window, body)
                window.removeAll(keepingCapacity: true)
                bytes = 0
            }
        }
        try embedWindow(window, body)
    }

    private func embedWindow(
        _ window: [String], _ body: (String, Result<[Float], EmbeddingFailure>) throws -> Void
    ) rethrows {
        let vectors = Result { () throws(EmbeddingFailure) in try embed(window) }
        for (index, text) in window.enumerated() { try body(text, vectors.map { $0[index] }) }
    }
}
