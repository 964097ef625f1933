import Foundation
import Persistence
import Testing

@testable import Jobs

@Suite("How attempts end")
struct RetryPolicyTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func policy(attempt: Int, delays: [Duration] = [.seconds(60), .seconds(300)]) -> RetryPolicy {
        RetryPolicy(attempt: attempt, maxAttempts: 3, delays: delays)
    }

    private func outcome(_ error: (any Error)?, stop: StopReason? = nil, attempt: Int = 1) -> JobOutcome? {
        .decide(
            error: error, result: nil, stop: stop, policy: policy(attempt: attempt), timeout: .seconds(600), now: now)
    }

    @Test("the waits are those of the kind; the last one repeats", arguments: [(1, 60), (2, 300)])
    func delays(attempt: Int, seconds: Int) {
        #expect(policy(attempt: attempt).delay == .seconds(seconds))
    }

    @Test("after the last attempt there is no wait, without delays none at all")
    func edges() {
        #expect(policy(attempt: 3).delay == nil)
        #expect(policy(attempt: 2, delays: [.seconds(5)]).delay == .seconds(5))
        #expect(policy(attempt: 1, delays: []).delay == .zero)
    }

    @Test("a wait another system asks for is kept within reason")
    func asked() {
        let waits: [(Duration, TimeInterval)] = [
            (.seconds(-5), 1), (.seconds(30), 30), (.seconds(999_999_999), 86_400),
        ]
        for (asked, wait) in waits {
            #expect(outcome(JobFailure.retry(after: asked, "Busy.")) == .retry(at: now + wait, "Busy."))
        }
        #expect(outcome(JobFailure.retry(after: nil, "Busy.")) == .retry(at: now + 60, "Busy."))
        #expect(outcome(JobFailure.retry(after: nil, "Busy."), attempt: 3) == .failed("Busy."))
    }

    @Test("what stopped a handler decides, whatever it throws then")
    func stopped() {
        for error in [CancellationError(), Mishap(), JobFailure.retry(after: nil, "Cut off.")] as [any Error] {
            #expect(outcome(error, stop: .cancelRequested) == .cancelled)
            #expect(outcome(error, stop: .shuttingDown) == .putBack)
            #expect(outcome(error, stop: .timedOut) == .retry(at: now + 60, "It took longer than 10 minutes."))
            #expect(outcome(error, stop: .leaseLost) == nil)
        }
        #expect(outcome(JobFailure.final("Gone."), stop: .shuttingDown) == .failed("Gone."))
        #expect(outcome(nil, stop: .timedOut) == .succeeded(result: nil))
    }

    @Test("a database that is away costs no attempt, one that refuses or is asked too much does")
    func outage() {
        for failure in [DatabaseFailure.busy, .unavailable("Gone."), .outcomeUnknown, .diskFull] {
            #expect(outcome(failure, attempt: 3) == .snoozed(until: now + 2))
            #expect(outcome(failure, stop: .shuttingDown) == .putBack)
        }
        for failure in [DatabaseFailure.uniqueViolation("name"), .timedOut] {
            #expect(outcome(failure) == .retry(at: now + 60, JobOutcome.unexpected))
            #expect(outcome(failure, attempt: 3) == .failed(JobOutcome.unexpected))
        }
    }

    @Test("internal errors do not reach the owner")
    func unexpected() {
        #expect(outcome(Mishap()) == .retry(at: now + 60, JobOutcome.unexpected))
        #expect(outcome(Mishap(), attempt: 3) == .failed(JobOutcome.unexpected))
    }
}
