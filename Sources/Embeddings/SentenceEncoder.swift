import Dispatch
import Synchronization

/// Turns texts into unit vectors whose dot product is their similarity (all-MiniLM-L6-v2).
///
/// Blocks while it computes: not for the cooperative thread pool, use `EmbeddingService` there.
public final class SentenceEncoder: Sendable {
    public static let dimensions = MiniLM.width
    /// Vectors of different models have nothing to do with one another.
    public static let model = "all-MiniLM-L6-v2"

    public enum Precision: Sendable {
        /// bf16 where the processor has AMX tiles, else f32.
        case automatic
        case f32
        case bf16
    }

    public let tokenizer: WordPiece
    /// The precision in use, never `.automatic`.
    public let precision: Precision
    private let model: any EncodingModel
    /// One for each thread that may compute at the same time.
    private let sessions: [Session]

    /// A session and the lock that gives it to one thread at a time.
    private final class Session: Sendable {
        let state: Mutex<any EncodingSession>

        init(_ session: sending any EncodingSession) { state = Mutex(session) }

        func encode(_ batch: TokenBatch) -> Result<[[Float]], EmbeddingFailure> {
            state.withLock { session in
                Result { () throws(EmbeddingFailure) in try session.encode(batch) }
            }
        }
    }

    /// Loads the model; takes up to half a second.
    /// - Parameter threads: how many batches are computed at once, each on a thread of its own.
    public init(
        files: EmbeddingModelFiles, precision: Precision = .automatic, threads: Int
    ) throws(EmbeddingFailure) {
        let threads = max(1, threads)
        tokenizer = try WordPiece(vocabulary: files.vocabulary)
        var sessions: [Session] = []
        if precision == .bf16 || (precision == .automatic && TileModel.isSupported) {
            self.precision = .bf16
            let model = try TileModel(try MappedFile(path: files.weights), file: files.weights)
            for _ in 0..<threads { sessions.append(Session(try TileSession(model))) }
            self.model = model
        } else {
            self.precision = .f32
            let model = try OpenVINOModel(files, threads: threads)
            for _ in 0..<threads { sessions.append(Session(try OpenVINOSession(model))) }
            self.model = model
        }
        self.sessions = sessions
        model.settle()
    }

    /// How many threads can compute at the same time.
    public var threads: Int { sessions.count }

    /// One unit vector of `dimensions` for each text, in order. Texts are cut to
    /// `WordPiece.maxTokens`; all threads are used.
    public func embed(_ texts: [String]) throws(EmbeddingFailure) -> [[Float]] {
        let tokens = texts.map { tokenizer.ids(of: $0) }
        let groups = TokenBatch.grouping(tokens)
        let computed = encode(groups.map { group in TokenBatch(group.map { tokens[$0] }) })
        var vectors = [[Float]](repeating: [], count: texts.count)
        for (group, result) in zip(groups, computed) {
            for (index, vector) in zip(group, try result.get()) { vectors[index] = vector }
        }
        return vectors
    }

    private typealias Computed = Result<[[Float]], EmbeddingFailure>

    /// Shares the batches out among the threads.
    private func encode(_ batches: [TokenBatch]) -> [Computed] {
        guard batches.count > 1, threads > 1 else {
            return batches.map { sessions[0].encode($0) }
        }
        let results = Mutex([Computed?](repeating: nil, count: batches.count))
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: min(threads, batches.count)) { thread in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < batches.count else { return }
                let result = sessions[thread].encode(batches[index])
                results.withLock { $0[index] = result }
            }
        }
        return results.withLock { $0.compactMap(\.self) }
    }

    /// Gives back memory that is only of use while much is computed; takes about a millisecond.
    func settle() { model.settle() }

    /// Computes one batch on one of the threads' sessions.
    func encode(_ batch: TokenBatch, on thread: Int) throws(EmbeddingFailure) -> [[Float]] {
        try sessions[thread % sessions.count].encode(batch).get()
    }
}
