import Synchronization

/// Who wants to hear of what, such as the watchers of a job.
final class Listeners<Topic: Hashable & Sendable>: Sendable {
    typealias Ring = @Sendable () -> Void

    /// Listens for as long as it lives.
    final class Subscription: Sendable {
        private let end: @Sendable () -> Void

        init(end: @escaping @Sendable () -> Void) { self.end = end }

        deinit { end() }
    }

    private struct State {
        var lastNumber = 0
        var rings: [Topic: [Int: Ring]] = [:]
    }

    private let state = Mutex(State())

    func listen(to topic: Topic, ring: @escaping Ring) -> Subscription {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.rings[topic, default: [:]][state.lastNumber] = ring
            return state.lastNumber
        }
        return Subscription { [weak self] in self?.remove(number, from: topic) }
    }

    func announce(_ topics: some Sequence<Topic>) {
        let rings = state.withLock { state in
            state.rings.isEmpty ? [] : topics.flatMap { state.rings[$0].map { Array($0.values) } ?? [] }
        }
        for ring in rings { ring() }
    }

    func announceAll() {
        for ring in state.withLock({ $0.rings.values.flatMap(\.values) }) { ring() }
    }

    private func remove(_ number: Int, from topic: Topic) {
        state.withLock { state in
            state.rings[topic]?[number] = nil
            if state.rings[topic]?.isEmpty == true { state.rings[topic] = nil }
        }
    }
}
