import Logging
import Persistence
import Synchronization

/// Telling handlers that an attempt has failed.
extension Worker {
    private static let failuresAtOnce = 32

    /// Writes down the failures that handlers want to know of, each in a transaction of its own, for what the
    /// handlers do there may fail too; some of them at once, so that they share a flush.
    func settleFailures() async throws {
        while case let failures = nextFailures(), !failures.isEmpty {
            let trouble = await withTaskGroup(of: (any Error)?.self) { group in
                for failure in failures { group.addTask { await self.settle(failure) } }
                return await group.reduce(nil as (any Error)?) { $0 ?? $1 }
            }
            if let trouble { throw trouble }
        }
    }

    func needsFollowUp(_ settlement: Settlement) -> Bool {
        settlement.outcome.failure != nil && !settlement.isFollowedUp
            && handlers[settlement.job.kind]?.whenFailed != nil
    }

    private func nextFailures() -> [Settlement] {
        state.withLock { Array($0.load.settlements.lazy.filter(needsFollowUp).prefix(Self.failuresAtOnce)) }
    }

    /// - Returns: why the database cannot take it now; the settlement then stays for the next round.
    private func settle(_ failure: Settlement) async -> (any Error)? {
        do {
            try await queue.database.write(failure.job.access) { [self] connection in
                try write(failure, in: connection)
            }
        } catch let error as DatabaseFailure where error.isTemporary {
            return error
        } catch {
            // The round marks the job all the same.
            logger.error("A failed job could not be followed up", metadata: ["error": "\(error)"])
            state.withLock { $0.load.markFollowedUp(failure.job.id) }
            return nil
        }
        state.withLock { state in
            state.load.removeSettlement(of: failure.job.id)
            // A slot is free.
            state.isWoken = true
        }
        queue.announceChange(of: [failure.job.id] + [failure.job.parent].compactMap(\.self))
        return nil
    }

    private func write(_ failure: Settlement, in connection: SQLConnection) throws {
        let job = failure.job
        let lease = WorkerLease(worker: identity.description, connection: connection)
        if let progress = failure.progress { try lease.write(progress, of: job.id) }
        guard let message = failure.outcome.failure,
            let status = try lease.settle(failure.outcome, of: job.id, at: queue.now())
        else { return }
        // Its owner may have cancelled the job while the attempt failed.
        let retryAt = status == .queued ? failure.outcome.retryAt : nil
        try handlers[job.kind]?.whenFailed?(
            FailedAttempt(payload: job.payload, message: message, retryAt: retryAt, error: failure.error), connection)
    }
}
