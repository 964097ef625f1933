import Foundation
import Synchronization

/// One attempt at a job, from the start of its handler to its end.
final class RunningJob: Sendable {
    private struct State {
        var progress: JobProgress?
        var hasNewProgress = false
        var result: String?
        var stop: StopReason?
        var stoppedAt: ContinuousClock.Instant?
        var task: Task<Void, Never>?
        var isAbandoned = false
        var isCompleting = false
    }

    let job: ClaimedJob
    let policy: RetryPolicy
    let startedAt: Date
    let clockStart = ContinuousClock.now
    private let state = Mutex(State())

    init(job: ClaimedJob, retryDelays: [Duration], startedAt: Date) {
        self.job = job
        self.startedAt = startedAt
        policy = RetryPolicy(attempt: job.attempt, maxAttempts: job.maxAttempts, delays: retryDelays)
    }

    var deadline: Date { startedAt.addingTimeInterval(job.timeout.seconds) }

    var stopReason: StopReason? { state.withLock(\.stop) }

    var result: String? {
        get { state.withLock(\.result) }
        set { state.withLock { $0.result = newValue } }
    }

    func attach(_ task: Task<Void, Never>) {
        let isStopped = state.withLock { state in
            state.task = task
            return state.stop != nil
        }
        if isStopped { task.cancel() }
    }

    /// Cancels the handler. The first reason given stays.
    ///
    /// - Returns: whether this was the first.
    @discardableResult
    func stop(_ reason: StopReason) -> Bool {
        let (isFirst, task) = state.withLock { state in
            guard state.stop == nil else { return (false, state.task) }
            state.stop = reason
            state.stoppedAt = .now
            return (true, state.task)
        }
        if isFirst { task?.cancel() }
        return isFirst
    }

    func isOverdue(by grace: Duration) -> Bool {
        state.withLock(\.stoppedAt).map { .now >= $0 + grace } ?? false
    }

    /// Whether the handler finishes the job in a transaction of its own, which may or may not be committed.
    var isCompleting: Bool {
        get { state.withLock(\.isCompleting) }
        set { state.withLock { $0.isCompleting = newValue } }
    }

    /// Whether the worker goes on without waiting for the handler, which then may write nothing any more.
    var isAbandoned: Bool { state.withLock(\.isAbandoned) }

    func abandon() { state.withLock { $0.isAbandoned = true } }

    /// - Returns: whether there was nothing new before.
    @discardableResult
    func report(_ progress: JobProgress) -> Bool {
        state.withLock { state in
            let isFirst = !state.hasNewProgress && state.progress != progress
            state.hasNewProgress = state.hasNewProgress || isFirst
            state.progress = progress
            return isFirst
        }
    }

    /// Progress that was taken but could not be written.
    func keepProgress() { state.withLock { $0.hasNewProgress = true } }

    var hasNewProgress: Bool { state.withLock(\.hasNewProgress) }

    /// What was reported last; nil where nothing was.
    var progress: JobProgress? { state.withLock(\.progress) }

    /// Progress that is not written yet.
    func takeProgress() -> JobProgress? {
        state.withLock { state in
            defer { state.hasNewProgress = false }
            return state.hasNewProgress ? state.progress : nil
        }
    }

    func outcome(error: (any Error)?, now: Date) -> JobOutcome? {
        let (stop, result) = state.withLock { ($0.stop, $0.result) }
        return .decide(
            error: error, result: result, stop: stop, policy: policy, timeout: job.timeout, now: now)
    }
}
