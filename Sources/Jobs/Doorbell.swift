import Synchronization

/// Wakes one waiting loop. A ring while nobody waits is remembered, so none is missed.
final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var visitor: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let visitor = state.withLock { state in
            defer { state.visitor = nil }
            if state.visitor == nil { state.isRung = true }
            return state.visitor
        }
        visitor?.resume()
    }

    /// Returns when it rings, after `limit`, or when the task is cancelled. One caller at a time.
    func wait(upTo limit: Duration) async {
        let wasRung = state.withLock { state in
            defer { state.isRung = false }
            return state.isRung
        }
        if wasRung || limit <= .zero { return }
        let alarm = Task {
            try? await Task.sleep(for: limit)
            if !Task.isCancelled { ring() }
        }
        defer { alarm.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wasRung = state.withLock { state in
                    guard !state.isRung else {
                        state.isRung = false
                        return true
                    }
                    state.visitor = continuation
                    return false
                }
                if wasRung { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }
}
