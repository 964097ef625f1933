import Synchronization
import Testing

@testable import Embeddings

struct EmbeddingServiceTests {
    private func service(threads: Int = 2, capacity: Int = 8192) -> EmbeddingService {
        EmbeddingService(threads: threads, capacity: capacity, retryAfter: .seconds(30)) {
            () throws(EmbeddingFailure) in try Model.encoder.get()
        }
    }

    @Test("the model loads at the first request, once for all callers")
    func lazy() async throws {
        let loads = Atomic(0)
        let service = EmbeddingService(threads: 2, capacity: 100, retryAfter: .seconds(30)) {
            () throws(EmbeddingFailure) in
            loads.wrappingAdd(1, ordering: .relaxed)
            return try Model.encoder.get()
        }
        #expect(service.state == .notLoaded)
        #expect(try await service.embed([]).isEmpty)
        #expect(service.state == .notLoaded)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask { _ = try await service.embed(["text \(index)"]) }
            }
            try await group.waitForAll()
        }
        let count = loads.load(ordering: .relaxed)
        #expect(count == 1)
        #expect(service.state == .ready)
    }

    @Test("every caller gets the vectors of its own texts, in order")
    func order() async throws {
        let service = service()
        let encoder = try Model.encoder.get()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<10 {
                group.addTask {
                    let texts = (0...caller).map { "caller \(caller) asks for \($0 * 17)" }
                    let priority = caller % 2 == 0 ? EmbeddingPriority.bulk : .interactive
                    let vectors = try await service.embed(texts, priority: priority)
                    #expect(vectors.count == texts.count)
                    for (vector, expected) in zip(vectors, try encoder.embed(texts)) {
                        #expect(dot(vector, expected) > 0.9999)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a query does not wait for the bulk work before it")
    func priority() async throws {
        let service = service(threads: 1)
        _ = try await service.embed(["warm"])
        let bulkDone = Flag()
        let texts = (0..<200).map { String(repeating: "bulk text number \($0) ", count: 20) }
        async let bulk = {
            let vectors = try await service.embed(texts)
            bulkDone.set()
            return vectors.count
        }()
        try await Task.sleep(for: .milliseconds(20))
        _ = try await service.embed(["a query"], priority: .interactive)
        #expect(!bulkDone.isSet)
        #expect(try await bulk == 200)
    }

    @Test("a repeated query is remembered")
    func remembered() async throws {
        let service = service()
        let first = try await service.embed(["again"], priority: .interactive)
        service.stop()
        #expect(try await service.embed(["again"], priority: .interactive) == first)
        await #expect(throws: EmbeddingFailure.stopped) {
            try await service.embed(["other"], priority: .interactive)
        }
    }

    /// A service whose model is there only once it has been repaired.
    private func broken(_ repaired: Flag, retryAfter: Duration) -> EmbeddingService {
        EmbeddingService(threads: 1, capacity: 100, retryAfter: retryAfter) {
            () throws(EmbeddingFailure) in
            guard repaired.isSet else { throw .missing(file: "model", reason: "not there") }
            return try Model.encoder.get()
        }
    }

    @Test("a missing model fails every caller, and is not looked for again at once")
    func missing() async throws {
        let repaired = Flag()
        let service = broken(repaired, retryAfter: .seconds(600))
        let failure = EmbeddingFailure.missing(file: "model", reason: "not there")
        await #expect(throws: failure) { try await service.embed(["text"]) }
        #expect(service.state == .unavailable(reason: failure.description))
        repaired.set()
        await #expect(throws: failure) { try await service.embed(["text"]) }
    }

    @Test("once repaired, the model is found without a restart")
    func recovery() async throws {
        let repaired = Flag()
        let service = broken(repaired, retryAfter: .zero)
        await #expect(throws: EmbeddingFailure.self) { try await service.embed(["text"]) }
        repaired.set()
        #expect(try await service.embed(["text"]).count == 1)
        #expect(service.state == .ready)
    }

    @Test("stopping answers whoever waits, and no one after")
    func stop() async throws {
        let service = service(threads: 1)
        _ = try await service.embed(["warm"])
        let texts = (0..<500).map { String(repeating: "number \($0) ", count: 50) }
        let bulk = Task { try await service.embed(texts) }
        try await Task.sleep(for: .milliseconds(20))
        service.stop()
        await #expect(throws: EmbeddingFailure.stopped) { try await bulk.value }
        await #expect(throws: EmbeddingFailure.stopped) { try await service.embed(["late"]) }
        #expect(service.state == .stopped)
    }

    @Test("a cancelled caller leaves, and its texts with it")
    func cancellation() async throws {
        let service = service(threads: 1)
        let texts = (0..<500).map { String(repeating: "number \($0) ", count: 50) }
        let task = Task { try await service.embed(texts) }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        await #expect(throws: EmbeddingFailure.cancelled) { try await task.value }
        #expect(try await service.embed(["after"]).count == 1)
    }

    @Test("more texts than may wait are refused")
    func overload() async throws {
        let service = service(threads: 1, capacity: 10)
        let texts = (0..<400).map { String(repeating: "number \($0) ", count: 50) }
        async let first = service.embed(texts)
        try await Task.sleep(for: .milliseconds(20))
        await #expect(throws: EmbeddingFailure.overloaded) { try await service.embed(texts) }
        service.stop()
        _ = try? await first
    }
}

private final class Flag: Sendable {
    private let state = Atomic(false)
    var isSet: Bool { state.load(ordering: .relaxed) }
    func set() { state.store(true, ordering: .relaxed) }
}
