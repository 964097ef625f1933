import Synchronization
import Testing

@testable import Persistence

@Suite("How often a transaction is tried")
struct PostgresRetryTests {
    @Test("tries come farther and farther apart, and never all at once")
    func delays() {
        let retry = PostgresRetry()
        #expect(retry.delay(after: 1, random: 1) == .milliseconds(100))
        #expect(retry.delay(after: 2, random: 1) == .milliseconds(400))
        #expect(retry.delay(after: 2, random: 0.5) == .milliseconds(200))
        #expect(Set((0..<20).map { _ in retry.delay(after: 1) }).count > 1)
    }

    @Test("what has taken long is not tried again")
    func retry() async {
        let tries = Mutex(0)
        let retry = PostgresRetry(tries: 3, firstDelay: .milliseconds(1), patience: .milliseconds(50))
        await #expect(throws: DatabaseFailure.busy) {
            try await retry.run {
                tries.withLock { $0 += 1 }
                try await Task.sleep(for: .milliseconds(60))
                throw RepeatableFailure(DatabaseFailure.busy)
            }
        }
        #expect(tries.withLock { $0 } == 1)
    }
}
