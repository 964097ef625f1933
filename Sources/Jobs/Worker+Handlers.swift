import Foundation
import Logging
import Persistence
import Synchronization

/// Starting handlers, and seeing them end.
extension Worker {
    func startClaimed() {
        while let running = startNext() {
            // Not a child task: a handler that heeds no cancellation must not keep the worker from ending.
            running.attach(Task { await self.work(on: running) })
        }
    }

    private func startNext() -> RunningJob? {
        state.withLock { state in
            guard let job = state.load.takeNext() else { return nil }
            let running = RunningJob(
                job: job, retryDelays: handlers[job.kind]?.retryDelays ?? [], startedAt: queue.now())
            state.load.start(running)
            return running
        }
    }

    private func work(on running: RunningJob) async {
        let error = await run(running)
        end(running, error: error)
        startClaimed()
    }

    private func run(_ running: RunningJob) async -> (any Error)? {
        let context = JobContext(
            running: running, queue: queue, worker: identity.description,
            progressChanged: { [bell] in bell.ring() })
        do {
            try await handlers[running.job.kind]?.run(context, running.job.payload)
            return nil
        } catch {
            log(error, of: running)
            return error
        }
    }

    /// What owners do not get to read.
    private func log(_ error: any Error, of running: RunningJob) {
        var logger = logger
        logger[metadataKey: "job"] = "\(running.job.id)"
        logger[metadataKey: "kind"] = "\(running.job.kind)"
        if running.stopReason != nil || error is any JobFailureConvertible || error as? JobError == .leaseLost {
            logger.debug("The job stopped", metadata: ["error": "\(error)"])
        } else {
            logger.error(
                "The job failed", metadata: ["error": "\(error)", "attempt": "\(running.policy.attempt)"])
        }
    }

    private func end(_ running: RunningJob, error: (any Error)?) {
        let outcome = running.outcome(error: error, now: queue.now())
        state.withLock { state in
            guard state.load.end(running) else { return }
            state.load.pace.record(seconds: (ContinuousClock.now - running.clockStart).seconds)
            guard let outcome else { return }
            state.load.settlements.append(
                Settlement(job: running.job, outcome: outcome, progress: running.progress, error: error))
        }
        bell.ring()
    }

    /// Cancels handlers that are out of time or must end with the program, goes on without those that do not
    /// heed it, and puts back what was claimed ahead and does not get to start.
    func stopLateHandlers(at now: Date) {
        let (running, closing) = state.withLock { state in
            putBackUnstarted(in: &state, at: now)
            return (state.load.running.values, state.closing)
        }
        for job in running {
            if now >= job.deadline { job.stop(.timedOut) }
            if let closing, .now >= closing.grace { job.stop(.shuttingDown) }
            if job.isOverdue(by: configuration.cancellationGrace) { abandon(job) }
        }
    }

    private func putBackUnstarted(in state: inout State, at now: Date) {
        let hasWaited = state.load.claimedAt.map { now.timeIntervalSince($0) > 1 } ?? false
        guard !state.load.claimed.isEmpty, state.load.isClosing || hasWaited else { return }
        state.load.pace.claimedTooMuch()
        state.load.settlements += state.load.takeClaimed().map {
            Settlement(job: $0, outcome: .putBack, progress: nil)
        }
    }

    private func abandon(_ running: RunningJob) {
        running.abandon()
        logger.error(
            "A handler does not heed its cancellation",
            metadata: ["job": "\(running.job.id)", "kind": "\(running.job.kind)"])
        end(running, error: CancellationError())
    }
}
