import Foundation
import Logging
import Persistence
import ServiceLifecycle
import Synchronization

/// Does the work of a queue until it is shut down.
///
/// On a graceful shutdown it takes nothing new, lets running handlers finish for a while, then cancels them and
/// puts their jobs back; when its task is cancelled, it does the latter at once. A killed one loses nothing
/// either: its jobs start again elsewhere when their leases end, or as soon as a worker of the same host sees
/// that the process is gone.
public final class Worker: Service {
    let queue: JobQueue
    let handlers: JobHandlers
    let configuration: WorkerConfiguration
    let logger: Logger
    let identity = WorkerIdentity.next()
    let bell = Doorbell()
    let state: Mutex<State>
    let schedules: [Schedule]
    let kinds: [String]

    struct State {
        var load: WorkerLoad
        var isWoken = true
        var closing: Closing?
        var nextPoll = ContinuousClock.now
        var nextProgress = ContinuousClock.now
        var lastHeartbeat: Date?
        var nextSchedules: [String: Date] = [:]
    }

    struct Closing {
        /// When running handlers are cancelled.
        var grace: ContinuousClock.Instant
        /// When they are no longer waited for.
        var end: ContinuousClock.Instant
    }

    public init(
        _ queue: JobQueue, handlers: JobHandlers, schedules: [Schedule] = [],
        configuration: WorkerConfiguration = WorkerConfiguration(), logger: Logger = Logger(label: "fuze.jobs")
    ) {
        self.queue = queue
        self.handlers = handlers
        kinds = handlers.kinds
        self.schedules = schedules
        self.configuration = configuration
        self.logger = logger
        state = Mutex(
            State(
                load: WorkerLoad(
                    slots: configuration.slots, reservedForInteractive: configuration.reservedForInteractive)))
    }

    public func run() async throws {
        // Outside of this task, so that its cancellation does not cut off the last writes.
        let work = Task { await workUntilClosed() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await work.value
            } onGracefulShutdown: {
                self.close(grace: self.configuration.shutdownGrace)
            }
        } onCancel: {
            self.close(grace: .zero)
        }
    }

    private func close(grace: Duration) {
        state.withLock { state in
            let grace = min(state.closing?.grace ?? .now + grace, .now + grace)
            state.closing = Closing(grace: grace, end: grace + configuration.cancellationGrace * 2)
            state.load.isClosing = true
        }
        bell.ring()
    }

    private func workUntilClosed() async {
        let subscription = queue.listenForWork { [self] in
            state.withLock { $0.isWoken = true }
            bell.ring()
        }
        defer { withExtendedLifetime(subscription) {} }
        while !isDone {
            await bell.wait(upTo: timeToNextRound())
            await round()
        }
    }

    private var isDone: Bool {
        state.withLock { state in
            guard let closing = state.closing, state.load.running.isEmpty, state.load.claimed.isEmpty else {
                return false
            }
            // A database that cannot be reached does not hold up the end: the leases will.
            return state.load.settlements.isEmpty || ContinuousClock.now > closing.end
        }
    }

    private func timeToNextRound() -> Duration {
        state.withLock { state in
            if state.isWoken { return .zero }
            var next = state.nextPoll
            if let closing = state.closing {
                next = min(next, .now < closing.grace ? closing.grace : .now + .milliseconds(50))
            }
            if state.load.running.values.contains(where: \.hasNewProgress) { next = min(next, state.nextProgress) }
            return max(.zero, next - .now)
        }
    }
}
