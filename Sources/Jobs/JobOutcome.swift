import Foundation
import Persistence

/// How an attempt ended, and so where its job goes.
enum JobOutcome: Sendable, Equatable {
    case succeeded(result: String?)
    case failed(String)
    case retry(at: Date, String)
    case snoozed(until: Date)
    /// Back into the queue, as if the attempt had not been.
    case putBack
    case cancelled

    /// What is told of a failed attempt; nil where it has not failed.
    var failure: String? {
        switch self {
        case .failed(let message), .retry(_, let message): message
        case .succeeded, .snoozed, .putBack, .cancelled: nil
        }
    }

    /// When a failed attempt is followed by another.
    var retryAt: Date? { if case .retry(let date, _) = self { date } else { nil } }
}

/// Why a worker stops a handler before its end.
enum StopReason: Sendable, Equatable {
    case cancelRequested
    case timedOut
    case shuttingDown
    /// The job belongs to another worker or is gone.
    case leaseLost
}

/// How many attempts a job has left, and how long to wait between them.
struct RetryPolicy: Sendable, Equatable {
    /// The attempt that runs, from 1.
    let attempt: Int
    let maxAttempts: Int
    let delays: [Duration]

    /// The wait before the next attempt; nil where there is none.
    var delay: Duration? {
        guard attempt < maxAttempts else { return nil }
        return delays.isEmpty ? .zero : delays[min(max(attempt, 1), delays.count) - 1]
    }

    /// - Parameter asked: the wait another system asked for, which is kept between a second and a day.
    func afterFailure(_ message: String, asked: Duration? = nil, now: Date) -> JobOutcome {
        guard let delay else { return .failed(message) }
        let wait = asked.map { min(max($0, .seconds(1)), .seconds(86_400)) } ?? delay
        return .retry(at: now.addingTimeInterval(wait.seconds), message)
    }
}

extension JobOutcome {
    /// Shown to owners in place of what only we understand.
    static let unexpected = "Something went wrong on our side."
    /// How long a job waits that met a database that was away, in seconds: about as long as one takes to start.
    private static let outagePause: TimeInterval = 2

    /// - Returns: nil where nothing may be written, for the job is no longer ours.
    static func decide(
        error: (any Error)?, result: String?, stop: StopReason?, policy: RetryPolicy, timeout: Duration, now: Date
    ) -> JobOutcome? {
        if stop == .leaseLost || error as? JobError == .leaseLost { return nil }
        guard let error else { return .succeeded(result: result) }
        if let failure = (error as? any JobFailureConvertible)?.jobFailure,
            let outcome = decide(failure, stop: stop, policy: policy, now: now)
        {
            return outcome
        }
        // No fault of the job: its owner need not hear of it. What takes too long for the database may well be its fault.
        if stop == nil, let failure = error as? DatabaseFailure, failure.isTemporary, failure != .timedOut {
            return .snoozed(until: now.addingTimeInterval(outagePause))
        }
        switch stop {
        case .cancelRequested: return .cancelled
        case .shuttingDown: return .putBack
        case .timedOut: return policy.afterFailure("It took longer than \(timeout.inWords).", now: now)
        case .leaseLost, nil: return policy.afterFailure(unexpected, now: now)
        }
    }

    private static func decide(
        _ failure: JobFailure, stop: StopReason?, policy: RetryPolicy, now: Date
    ) -> JobOutcome? {
        switch failure {
        case .final(let message): .failed(message)
        // A handler stopped in its tracks may take that for a fault it could retry.
        case _ where stop != nil: nil
        case .retry(let after, let message): policy.afterFailure(message, asked: after, now: now)
        case .snooze(let pause): .snoozed(until: now.addingTimeInterval(pause.seconds))
        }
    }
}

extension Duration {
    fileprivate var inWords: String {
        let seconds = wholeSeconds
        if seconds == 1 { return "a second" }
        if seconds == 60 { return "a minute" }
        return seconds % 60 == 0 ? "\(seconds / 60) minutes" : "\(seconds) seconds"
    }
}
