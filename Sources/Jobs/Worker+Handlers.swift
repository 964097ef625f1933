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
        var logger = logger
        logger[metadataKey: "job"] = "\(running.job.id)"
        logger[metadataKey: "kind"] = "\(running.job.kind)"
        let context = JobContext(
            running: running, queue: queue, worker: identity.description,
            progressChanged: { [bell] in bell.ring() }, logger: logger)
        do {
            try await handlers[running.job.kind]?.run(context, running.job.payload)
            return nil
        } catch {
            log(error, of: running, with: logger)
            return error
        }
    }

    /// What owners do not get to read.
    private func log(_ error: any Error, of running: RunningJob, with logger: Logger) {
        if running.stopReason != nil || error is JobFailure || error as? JobError == .leaseLost {
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
            state.load.settlements.append(Settlement(job: running.job, outcome: outcome, progress: running.progress))
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

    /// Marks jobs as failed whose handlers want to know, each in a transaction of its own, for what the
    /// handlers do there may fail too.
    func settleFailures(at now: Date) async throws {
        let failures = state.withLock { $0.load.settlements.filter(needsFollowUp) }
        for settlement in failures {
            guard case .failed(let message) = settlement.outcome,
                let whenFailed = handlers[settlement.job.kind]?.whenFailed
            else { continue }
            let job = settlement.job
            let worker = identity.description
            do {
                try await queue.database.write { connection in
                    let lease = WorkerLease(worker: worker, connection: connection)
                    if let progress = settlement.progress { try lease.write(progress, of: job.id) }
                    guard try lease.settle(settlement.outcome, of: job.id, at: now) else { return }
                    try whenFailed(job.id, job.payload, message, connection)
                }
            } catch let error where !isTemporary(error) {
                // The round marks the job all the same.
                logger.error("A failed job could not be followed up", metadata: ["error": "\(error)"])
            }
            state.withLock { $0.load.markFollowedUp(job.id) }
        }
    }

    private func isTemporary(_ error: any Error) -> Bool {
        switch error as? DatabaseFailure {
        case .busy, .unavailable, .diskFull: true
        default: false
        }
    }

    func needsFollowUp(_ settlement: Settlement) -> Bool {
        guard case .failed = settlement.outcome, !settlement.isFollowedUp else { return false }
        return handlers[settlement.job.kind]?.whenFailed != nil
    }
}
