import NIOCore

extension EventLoopPromise where Value: Sendable {
    /// Waits for somebody to fulfil the promise; fails it when the deadline passes or the task is
    /// cancelled, so that whatever is under way notices and nobody waits for it longer.
    func value(by deadline: NIODeadline) async throws(FetchFailure) -> Value {
        let alarm = futureResult.eventLoop.scheduleTask(deadline: deadline) {
            fail(FetchFailure(.timeout))
        }
        defer { alarm.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await futureResult.get()
            } onCancel: {
                fail(FetchFailure(.cancelled))
            }
        } catch let failure as FetchFailure {
            throw failure
        } catch let failure as HostResolver.Failure {
            throw FetchFailure(failure == .unknownName ? .unknownHost : .lookupFailed)
        } catch {
            throw FetchFailure(.connectFailed)
        }
    }
}
