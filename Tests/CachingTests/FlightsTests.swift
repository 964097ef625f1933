import Synchronization
import TestSupport
import Testing

@testable import Caching

@Suite("Computing once", .timeLimit(.minutes(1)))
struct FlightsTests {
    struct Unwell: Error {}

    /// Lets computations go on when told to.
    private final class Gate: Sendable {
        private let isOpen = Tally()
        func open() { isOpen.increment() }
        func pass() async throws {
            while isOpen.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    @Test("a thousand equal questions at once are computed once")
    func once() async throws {
        let flights = Flights<Int>()
        let computed = Tally()
        let gate = Gate()
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1000 {
                group.addTask {
                    try await flights.join("a") {
                        computed.increment()
                        try await gate.pass()
                        return 42
                    }.value
                }
            }
            try await Task.sleep(for: .milliseconds(50))
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: 42, count: 1000))
        #expect(computed.count == 1)
    }

    @Test("one who leaves disturbs nobody, also the one who came first")
    func leaving() async throws {
        let flights = Flights<Int>()
        let gate = Gate()
        let computed = Tally()
        let ask = { @Sendable in
            try await flights.join("a") {
                computed.increment()
                try await gate.pass()
                return 7
            }.value
        }
        let first = Task { try await ask() }
        try await eventually { computed.count == 1 }
        let second = Task { try await ask() }
        try await Task.sleep(for: .milliseconds(20))
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        gate.open()
        #expect(try await second.value == 7)
        #expect(computed.count == 1)
    }

    @Test("a computation that nobody wants any more is cancelled, and the next who asks gets a new one")
    func abandoned() async throws {
        let flights = Flights<Int>()
        let wasCancelled = Tally()
        let asked = Task {
            try await flights.join("a") {
                do { try await Task.sleep(for: .seconds(60)) } catch {
                    wasCancelled.increment()
                    throw error
                }
                return 1
            }.value
        }
        try await Task.sleep(for: .milliseconds(20))
        asked.cancel()
        await #expect(throws: CancellationError.self) { try await asked.value }
        #expect(try await flights.join("a") { 2 }.value == 2)
        try await eventually { wasCancelled.count > 0 }
    }

    @Test("a failure is everybody's, and is not kept")
    func failing() async throws {
        let flights = Flights<Int>()
        await #expect(throws: Unwell.self) { try await flights.join("a") { throw Unwell() }.value }
        #expect(try await flights.join("a") { 3 }.value == 3)
    }
}
