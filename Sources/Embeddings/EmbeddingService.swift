import Dispatch
import Synchronization

/// Embeds texts for many callers at once on threads of its own, queries first.
///
/// The model is loaded when first needed. Where that fails, callers get the reason at once and it is
/// tried again after `retryAfter`, so that a repaired installation recovers without a restart.
public final class EmbeddingService: Sendable {
    public enum State: Sendable, Equatable {
        case notLoaded
        case loading
        case ready
        case unavailable(reason: String)
        case stopped
    }

    public typealias Vectors = [[Float]]
    typealias Answer = Result<Vectors, EmbeddingFailure>

    private let load: @Sendable () throws(EmbeddingFailure) -> SentenceEncoder
    private let retryAfter: Duration
    private let desk: Mutex<EmbeddingDesk>
    private let memory: VectorMemory
    private let nextRequest = Atomic(0)
    /// Serial queues have threads of their own, outside the pool on which Swift's tasks run.
    private let threads: [DispatchQueue]

    /// - Parameters:
    ///   - threads: how many batches are computed at once.
    ///   - capacity: how many texts may wait; beyond that callers get `.overloaded`.
    ///   - memory: asked before anything is computed.
    public convenience init(
        files: EmbeddingModelFiles, precision: SentenceEncoder.Precision = .automatic,
        threads: Int = 2, capacity: Int = 8192, retryAfter: Duration = .seconds(30),
        memory: VectorMemory = .recent()
    ) {
        self.init(threads: threads, capacity: capacity, retryAfter: retryAfter, memory: memory) {
            () throws(EmbeddingFailure) in
            try SentenceEncoder(files: files, precision: precision, threads: threads)
        }
    }

    init(
        threads: Int, capacity: Int, retryAfter: Duration, memory: VectorMemory = .recent(),
        load: @escaping @Sendable () throws(EmbeddingFailure) -> SentenceEncoder
    ) {
        self.load = load
        self.retryAfter = retryAfter
        self.memory = memory
        self.threads = (0..<max(1, threads)).map { DispatchQueue(label: "fuze.embedding.\($0)") }
        desk = Mutex(EmbeddingDesk(threads: max(1, threads), capacity: capacity))
    }

    /// What `/health` says.
    public var state: State { desk.withLock { $0.state } }

    /// One unit vector of `SentenceEncoder.dimensions` for each text, in order.
    public func embed(
        _ texts: [String], priority: EmbeddingPriority = .bulk
    ) async throws(EmbeddingFailure) -> Vectors {
        guard !texts.isEmpty else { return [] }
        var vectors = await memory.find(texts, priority)
        let missing = texts.indices.filter { vectors[$0] == nil }
        if !missing.isEmpty {
            let unknown = missing.map { texts[$0] }
            let computed = try await compute(unknown, priority)
            await memory.keep(unknown, computed, priority)
            for (index, vector) in zip(missing, computed) { vectors[index] = vector }
        }
        return vectors.compactMap { $0 }
    }

    private func compute(
        _ texts: [String], _ priority: EmbeddingPriority
    ) async throws(EmbeddingFailure) -> Vectors {
        let request = nextRequest.wrappingAdd(1, ordering: .relaxed).newValue
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(texts, priority, request, continuation)
                // Cancelled before the request was there to be found.
                if Task.isCancelled { cancel(request) }
            }
        } onCancel: {
            cancel(request)
        }
        return try answer.get()
    }

    /// Stops without waiting: whoever waits gets `.stopped`, a batch in progress is not used any more.
    public func stop() {
        answer(desk.withLock { $0.stop() })
    }

    private func submit(
        _ texts: [String], _ priority: EmbeddingPriority, _ request: Int,
        _ continuation: CheckedContinuation<Answer, Never>
    ) {
        let now = ContinuousClock.now
        let step = desk.withLock {
            $0.add(texts, priority, request, continuation, now: now, retryAfter: retryAfter)
        }
        switch step {
        case .refuse(let failure): continuation.resume(returning: .failure(failure))
        case .load: threads[0].async { self.loadModel() }
        case .start(let encoder, let workers): start(workers, encoder)
        case .wait: break
        }
    }

    private func cancel(_ request: Int) {
        answer(desk.withLock { $0.fail([request], .cancelled) })
    }

    private func loadModel() {
        let loaded = Result { () throws(EmbeddingFailure) in try load() }
        switch loaded {
        case .success(let encoder):
            start(desk.withLock { $0.loaded(encoder) }, encoder)
        case .failure(let failure):
            answer(desk.withLock { $0.unavailable(failure, at: .now) })
        }
    }

    private func start(_ workers: [Int], _ encoder: SentenceEncoder) {
        for worker in workers { threads[worker].async { self.work(worker, encoder) } }
    }

    /// Computes batch after batch until nothing waits; looks for queries before each.
    private func work(_ worker: Int, _ encoder: SentenceEncoder) {
        var window = EmbeddingWindow()
        var hadBulk = false
        while let work = desk.withLock({ $0.next(for: worker, windowIsEmpty: window.isEmpty) }) {
            switch work {
            case .interactive(let items):
                var queries = EmbeddingWindow(items, tokenizer: encoder.tokenizer)
                while let batch = queries.next() { compute(batch, on: worker, encoder) }
            case .refill(let items):
                window = EmbeddingWindow(items, tokenizer: encoder.tokenizer)
                hadBulk = true
            case .goOn:
                if let batch = window.next() { compute(batch, on: worker, encoder) }
            }
        }
        if hadBulk { encoder.settle() }
    }

    private func compute(
        _ batch: EmbeddingWindow.Batch, on worker: Int, _ encoder: SentenceEncoder
    ) {
        let wanted = desk.withLock { desk in batch.items.contains { desk.awaits($0.request) } }
        guard wanted else { return }
        let vectors = Result { () throws(EmbeddingFailure) in
            try encoder.encode(batch.tokens, on: worker)
        }
        answer(desk.withLock { $0.complete(batch.items, vectors) })
    }

    /// Outside the lock, because a resumed caller may come straight back.
    private func answer(_ answers: [EmbeddingDesk.Reply]) {
        for reply in answers { reply.continuation.resume(returning: reply.answer) }
    }
}
