import Foundation

/// What a handler throws to say how its job goes on. Any other error means: try again later.
///
/// The messages are stored and shown to the owner, so they are written for people.
public enum JobFailure: Error, Sendable, Equatable {
    /// Trying again cannot help.
    case final(String)
    /// Tries again after the given time, between a second and a day; nil leaves the wait to the kind.
    case retry(after: Duration?, String)
    /// Puts the job back for a while, without counting the attempt.
    case snooze(Duration)
}

/// An error of a room that says itself how the job goes on where it is thrown.
public protocol JobFailureConvertible: Error {
    var jobFailure: JobFailure { get }
}

extension JobFailure: JobFailureConvertible {
    public var jobFailure: JobFailure { self }
}

/// An attempt that has failed.
public struct FailedAttempt<Payload: Sendable>: Sendable {
    public let payload: Payload
    /// For people.
    public let message: String
    /// When the next attempt begins; nil where none follows.
    public let retryAt: Date?
    /// What the handler threw; nil where its workers died.
    public let error: (any Error)?
}

/// What can be wrong with what is asked of a job.
public enum JobError: Error, Sendable, Equatable {
    /// No such job, or it belongs to somebody else.
    case notFound
    /// Only what has failed or was cancelled can be tried again.
    case notRetryable
    /// The job meanwhile belongs to another worker, or is finished: nothing may be written for it any more.
    case leaseLost
}
