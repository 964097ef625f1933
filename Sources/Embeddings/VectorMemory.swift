import Synchronization

/// Where vectors are remembered that were computed before.
public struct VectorMemory: Sendable {
    let find: @Sendable (_ texts: [String], EmbeddingPriority) async -> [[Float]?]
    let keep: @Sendable (_ texts: [String], _ vectors: [[Float]], EmbeddingPriority) async -> Void

    /// - Parameters:
    ///   - find: one vector for each text, nil where it is not known.
    ///   - keep: remembers what `find` did not know.
    public init(
        find: @escaping @Sendable (_ texts: [String], EmbeddingPriority) async -> [[Float]?],
        keep: @escaping @Sendable (_ texts: [String], _ vectors: [[Float]], EmbeddingPriority) async -> Void
    ) {
        self.find = find
        self.keep = keep
    }

    /// The queries asked last, in this process.
    public static func recent(maxBytes: Int = 4 << 20) -> VectorMemory {
        let recent = RecentQueries(maxBytes: maxBytes)
        return VectorMemory { texts, priority in
            priority == .interactive ? recent.find(texts) : Array(repeating: nil, count: texts.count)
        } keep: { texts, vectors, priority in
            if priority == .interactive { recent.keep(texts, vectors) }
        }
    }
}

private final class RecentQueries: Sendable {
    private let vectors: Mutex<RecentVectors>

    init(maxBytes: Int) { vectors = Mutex(RecentVectors(maxBytes: maxBytes)) }

    func find(_ texts: [String]) -> [[Float]?] {
        vectors.withLock { vectors in texts.map { vectors.vector(of: $0) } }
    }

    func keep(_ texts: [String], _ computed: [[Float]]) {
        vectors.withLock { vectors in
            for (text, vector) in zip(texts, computed) { vectors.remember(text, vector) }
        }
    }
}
