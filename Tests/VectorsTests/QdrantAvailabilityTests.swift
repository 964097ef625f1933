import Testing

@testable import Vectors

@Suite("How a Qdrant server is, by how requests went")
struct QdrantAvailabilityTests {
    private let now = ContinuousClock.now

    private func after(_ failure: QdrantFailure, _ purpose: QdrantAvailability.Purpose) -> QdrantAvailability {
        var availability = QdrantAvailability()
        availability.failed(failure, purpose, restUntil: now + .seconds(5))
        return availability
    }

    @Test("what a server refuses says nothing about the server")
    func refused() {
        #expect(after(.refused(status: 400, message: "no"), .search).failure == nil)
    }

    @Test("a search that got no answer lets the next ones rest, until any request succeeds")
    func rest() {
        var availability = after(.unavailable("slow"), .search)
        #expect(availability.reasonToRest(at: now) == .unavailable("slow"))
        #expect(availability.reasonToRest(at: now + .seconds(6)) == nil)
        availability.succeeded(.change)
        #expect(availability.reasonToRest(at: now) == nil)
        #expect(availability.failure == nil)
    }

    @Test("a change that takes too long keeps no search away")
    func slowChange() {
        let availability = after(.unavailable("slow"), .change)
        #expect(availability.failure == .unavailable("slow"))
        #expect(availability.reasonToRest(at: now) == nil)
    }

    @Test("a key that is good for reading alone stays wrong until a change goes through")
    func readingKey() {
        var availability = after(.unauthorized, .change)
        for purpose in [QdrantAvailability.Purpose.search, .inspection, .check] { availability.succeeded(purpose) }
        #expect(availability.failure == .unauthorized)
        availability.succeeded(.change)
        #expect(availability.failure == nil)
    }

    @Test("a collection for other vectors stays wrong until it has been checked")
    func otherVectors() {
        let failure = QdrantFailure.otherVectors(collection: "test", found: "Dot", needed: "Cosine")
        var availability = after(failure, .check)
        availability.succeeded(.search)
        #expect(availability.failure == failure)
        availability.succeeded(.check)
        #expect(availability.failure == nil)
    }
}
