import Synchronization

/// Writes whose positions other processes could not be told. They may be acknowledged once every process leaves replicas
/// alone: until these have had time to catch up, and the processes to see where the primary is.
final class UnsharedWrites: Sendable {
    private struct State {
        /// Nobody reads from replicas until then.
        var coveredUntil: ContinuousClock.Instant?
        var announcement: Task<Void, Never>?
    }

    /// Clocks differ a little, and the database's goes on while the answer is on its way.
    private static let covered = ReplicaOutlook.pause * 0.8
    private static let tries = 3

    private let primary: PrimaryWatch
    private let state = Mutex(State())

    init(_ primary: PrimaryWatch) { self.primary = primary }

    /// Returns when no process goes by what it saw before. That is at once, but for the first write of many.
    func cover() async {
        let announcement = state.withLock { state -> Task<Void, Never>? in
            let left = state.coveredUntil.map { $0 - .now } ?? .zero
            if left > Self.covered / 2 { return nil }
            let running = state.announcement ?? Task { await self.announce() }
            state.announcement = running
            return left > .zero ? nil : running
        }
        await announcement?.value
    }

    private func announce() async {
        let start = ContinuousClock.now
        var isAnnounced = false
        for attempt in 0..<Self.tries where !isAnnounced {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(100)) }
            isAnnounced = (try? await primary.announceUnshared(for: ReplicaOutlook.pause)) != nil
        }
        let isRenewal = state.withLock { ($0.coveredUntil ?? start) > .now }
        // Those who looked just before go by that for so long.
        if !isRenewal { try? await Task.sleep(for: ReplicaOutlook.trust * 1.2) }
        state.withLock { state in
            if isAnnounced { state.coveredUntil = start + Self.covered }
            state.announcement = nil
        }
    }
}
