import Foundation
import Logging
import Persistence
import Synchronization

/// One round of the loop: see who is out of time, tell the database what has happened, start what it gives.
extension Worker {
    func round() async {
        let now = queue.now()
        stopLateHandlers(at: now)
        do {
            try await settleFailures()
            guard let pass = nextPass(at: now) else { return }
            try await perform(pass)
            try await runSchedules(at: now)
        } catch {
            logger.error("The job queue cannot be reached", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: configuration.pollInterval)
        }
    }

    private func perform(_ pass: WorkerPass) async throws {
        do {
            let answer = try await queue.database.write { try pass.perform(in: $0) }
            take(answer, of: pass)
        } catch {
            giveBack(pass)
            throw error
        }
    }

    /// What there is to say to the database now; nil where there is nothing.
    private func nextPass(at now: Date) -> WorkerPass? {
        state.withLock { state in
            let isPollDue = .now >= state.nextPoll
            let isProgressDue = .now >= state.nextProgress
            let unwritten = isProgressDue ? state.load.running.values.filter(\.hasNewProgress) : []
            // A failure that came after this round's follow-ups waits for the next, which its bell has called.
            let settlements = state.load.settlements.filter { !needsFollowUp($0) }
            guard state.isWoken || isPollDue || !unwritten.isEmpty || !settlements.isEmpty else { return nil }
            var pass = WorkerPass(
                identity: identity, now: now, kinds: kinds, settlements: settlements,
                demand: state.load.demand,
                leasesSince: now.addingTimeInterval(-configuration.lease.seconds),
                hasRunning: !state.load.running.isEmpty || !state.load.claimed.isEmpty)
            pass.progress = unwritten.compactMap { running in
                running.takeProgress().map { (running.job.id, $0) }
            }
            if isHeartbeatDue(since: state.lastHeartbeat, now: now) { pass.heartbeat = state.load.held }
            state.isWoken = false
            if isPollDue { state.nextPoll = .now + configuration.pollInterval }
            if !unwritten.isEmpty { state.nextProgress = .now + configuration.progressInterval }
            return pass
        }
    }

    /// A clock that was set back must not hold up heartbeats.
    private func isHeartbeatDue(since last: Date?, now: Date) -> Bool {
        guard let last else { return true }
        return abs(now.timeIntervalSince(last)) >= configuration.heartbeatInterval.seconds
    }

    private func take(_ answer: WorkerPass.Answer, of pass: WorkerPass) {
        state.withLock { state in
            let settled = Set(pass.settlements.map(\.job.id))
            state.load.settlements.removeAll { settled.contains($0.job.id) }
            state.load.settlements += answer.poisonous.map {
                Settlement(job: $0, outcome: .failed(LeaseRecovery.interrupted), progress: nil)
            }
            state.load.add(answer.claimed, at: pass.now)
            if let held = answer.held {
                state.lastHeartbeat = pass.now
                dropLost(of: pass, held: held, from: &state.load)
            }
            for id in answer.cancelled { cancel(id, in: &state.load) }
        }
        startClaimed()
        announceChanges(pass, answer)
        if !answer.poisonous.isEmpty { bell.ring() }
    }

    private func giveBack(_ pass: WorkerPass) {
        state.withLock { state in
            for (id, _) in pass.progress { state.load.running[id]?.keepProgress() }
        }
    }

    private func dropLost(of pass: WorkerPass, held: Set<Job.ID>, from load: inout WorkerLoad) {
        let settled = Set(pass.settlements.map(\.job.id))
        for id in pass.heartbeat ?? [] where !held.contains(id) && !settled.contains(id) {
            _ = load.dropClaimed(id)
            guard let running = load.running[id], !running.isCompleting else { continue }
            if running.stop(.leaseLost) {
                logger.warning("A job was taken over by another worker", metadata: ["job": "\(id)"])
            }
        }
    }

    private func cancel(_ id: Job.ID, in load: inout WorkerLoad) {
        load.running[id]?.stop(.cancelRequested)
        guard let job = load.dropClaimed(id) else { return }
        load.settlements.append(Settlement(job: job, outcome: .cancelled, progress: nil))
        bell.ring()
    }

    private func announceChanges(_ pass: WorkerPass, _ answer: WorkerPass.Answer) {
        let changed = pass.settlements.map(\.job) + answer.claimed
        queue.announceChange(of: changed.map(\.id) + changed.compactMap(\.parent) + pass.progress.map(\.job))
    }
}
