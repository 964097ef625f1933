/// Who waits for what, who computes, and in which state the model is: decides, and leaves it to
/// `EmbeddingService` to act.
struct EmbeddingDesk {
    typealias Continuation = CheckedContinuation<EmbeddingService.Answer, Never>

    struct Reply {
        var continuation: Continuation
        var answer: EmbeddingService.Answer
    }

    /// What follows from a new request.
    enum Step {
        case refuse(EmbeddingFailure)
        case load
        case start(SentenceEncoder, workers: [Int])
        case wait
    }

    enum Work {
        case interactive([EmbeddingQueue.Item])
        /// Bulk texts for a worker that has none left.
        case refill([EmbeddingQueue.Item])
        /// Take the next batch you have.
        case goOn
    }

    private struct Request {
        var vectors: [[Float]]
        var missing: Int
        var continuation: Continuation
    }

    private enum Model {
        case notLoaded
        case loading
        case ready(SentenceEncoder)
        case unavailable(EmbeddingFailure, since: ContinuousClock.Instant)
        case stopped
    }

    private var model = Model.notLoaded
    private var queue: EmbeddingQueue
    private var requests: [Int: Request] = [:]
    private var idle: [Int]

    init(threads: Int, capacity: Int) {
        queue = EmbeddingQueue(capacity: capacity)
        idle = Array((0..<threads).reversed())
    }

    var state: EmbeddingService.State {
        switch model {
        case .notLoaded: .notLoaded
        case .loading: .loading
        case .ready: .ready
        case .unavailable(let failure, _): .unavailable(reason: failure.description)
        case .stopped: .stopped
        }
    }

    func awaits(_ request: Int) -> Bool { requests[request] != nil }

    mutating func add(
        _ texts: [String], _ priority: EmbeddingPriority, _ request: Int,
        _ continuation: Continuation, now: ContinuousClock.Instant, retryAfter: Duration
    ) -> Step {
        switch model {
        case .stopped: return .refuse(.stopped)
        case .unavailable(let failure, let since) where now - since < retryAfter:
            return .refuse(failure)
        default: break
        }
        guard queue.add(texts, priority, request: request) else { return .refuse(.overloaded) }
        requests[request] = Request(
            vectors: Array(repeating: [], count: texts.count), missing: texts.count,
            continuation: continuation)
        switch model {
        case .ready(let encoder): return .start(encoder, workers: wake())
        case .loading, .stopped: return .wait
        case .notLoaded, .unavailable:
            model = .loading
            return .load
        }
    }

    mutating func loaded(_ encoder: SentenceEncoder) -> [Int] {
        guard case .loading = model else { return [] }
        model = .ready(encoder)
        return wake()
    }

    mutating func unavailable(
        _ failure: EmbeddingFailure, at now: ContinuousClock.Instant
    ) -> [Reply] {
        guard case .loading = model else { return [] }
        model = .unavailable(failure, since: now)
        return failAll(failure)
    }

    mutating func stop() -> [Reply] {
        model = .stopped
        return failAll(.stopped)
    }

    /// As many idle workers as there are batches waiting.
    private mutating func wake() -> [Int] {
        let batches = (queue.count + TokenBatch.maxTexts - 1) / TokenBatch.maxTexts
        return (0..<min(batches, idle.count)).compactMap { _ in idle.popLast() }
    }

    /// What the worker does next; nil where nothing is left and it goes idle.
    mutating func next(for worker: Int, windowIsEmpty: Bool) -> Work? {
        let queries = queue.takeInteractive(TokenBatch.maxTexts)
        if !queries.isEmpty { return .interactive(queries) }
        if case .ready = model, !windowIsEmpty { return .goOn }
        let items = queue.takeBulk(EmbeddingWindow.size)
        if !items.isEmpty { return .refill(items) }
        idle.append(worker)
        return nil
    }

    mutating func complete(
        _ items: [EmbeddingQueue.Item], _ vectors: EmbeddingService.Answer
    ) -> [Reply] {
        switch vectors {
        case .failure(let failure): return fail(Set(items.map(\.request)), failure)
        case .success(let vectors):
            for (item, vector) in zip(items, vectors) {
                requests[item.request]?.vectors[item.index] = vector
                requests[item.request]?.missing -= 1
            }
            return Set(items.map(\.request)).compactMap { id in
                guard let request = requests[id], request.missing == 0 else { return nil }
                requests[id] = nil
                return Reply(continuation: request.continuation, answer: .success(request.vectors))
            }
        }
    }

    mutating func fail(_ ids: Set<Int>, _ failure: EmbeddingFailure) -> [Reply] {
        ids.compactMap { id in
            guard let request = requests.removeValue(forKey: id) else { return nil }
            queue.remove(request: id)
            return Reply(continuation: request.continuation, answer: .failure(failure))
        }
    }

    private mutating func failAll(_ failure: EmbeddingFailure) -> [Reply] {
        defer {
            requests = [:]
            queue.removeAll()
        }
        return requests.values.map { Reply(continuation: $0.continuation, answer: .failure(failure)) }
    }
}
