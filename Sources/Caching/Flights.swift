import Synchronization

/// Computes once what many want at the same time.
///
/// Whoever comes while a computation is under way waits for it. One who no longer wants it leaves without disturbing
/// the others; when the last has left, the computation is cancelled.
final class Flights<Value: Sendable>: Sendable {
    private typealias Answer = Result<Value, any Error>

    private struct Flight {
        let number: Int
        var waiters: [Int: CheckedContinuation<Answer, Never>] = [:]
        var work: Task<Void, Never>?
    }

    private struct State {
        var flights: [String: Flight] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())

    /// - Returns: the value, and whether it was this caller's `compute` that brought it.
    func join(
        _ key: String, compute: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, isOwn: Bool) {
        let waiter = number()
        var isOwn = false
        let answer: Answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                isOwn = board(key, waiter, continuation, compute)
                // Cancelled before the waiter was there to be found.
                if Task.isCancelled { leave(key, waiter) }
            }
        } onCancel: {
            leave(key, waiter)
        }
        return (try answer.get(), isOwn)
    }

    private func number() -> Int {
        state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    private func board(
        _ key: String, _ waiter: Int, _ continuation: CheckedContinuation<Answer, Never>,
        _ compute: @escaping @Sendable () async throws -> Value
    ) -> Bool {
        state.withLock { state in
            let isOwn = state.flights[key] == nil
            if isOwn {
                state.flights[key] = Flight(number: waiter)
                state.flights[key]?.work = Task {
                    let answer: Answer
                    do { answer = .success(try await compute()) } catch { answer = .failure(error) }
                    self.land(key, flight: waiter, answer)
                }
            }
            state.flights[key]?.waiters[waiter] = continuation
            return isOwn
        }
    }

    private func land(_ key: String, flight: Int, _ answer: Answer) {
        let waiters = state.withLock { state in
            guard state.flights[key]?.number == flight else { return [CheckedContinuation<Answer, Never>]() }
            return state.flights.removeValue(forKey: key).map { Array($0.waiters.values) } ?? []
        }
        for waiter in waiters { waiter.resume(returning: answer) }
    }

    private func leave(_ key: String, _ waiter: Int) {
        let (continuation, abandoned) = state.withLock { state in
            let continuation = state.flights[key]?.waiters.removeValue(forKey: waiter)
            guard continuation != nil, state.flights[key]?.waiters.isEmpty == true else {
                return (continuation, Task<Void, Never>?.none)
            }
            return (continuation, state.flights.removeValue(forKey: key)?.work)
        }
        continuation?.resume(returning: .failure(CancellationError()))
        abandoned?.cancel()
    }
}
