import NIOCore
import NIOPosix
import Synchronization

/// Lends connections to work, one to each, on threads of its own.
///
/// A thread that has done some work takes what waits next, on the same connection: under load nothing is handed over.
final class PostgresPool: Sendable {
    /// What work in the queue is known by.
    private final class Ticket: Sendable {}

    private struct Work: Sendable {
        let ticket: Ticket
        let run: @Sendable (PostgresConnection) -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State: Sendable {
        var schedule: PoolSchedule<Work>
        var idle: [PostgresConnection] = []
    }

    /// A connection that was idle for longer is asked whether it is still there.
    private static let trustedFor = Duration.seconds(1)

    private let open: @Sendable () throws -> PostgresConnection
    private let size: PostgresPoolSize
    private let state: Mutex<State>
    private let threads: NIOThreadPool
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    private let upkeep = Mutex<RepeatedTask?>(nil)

    init(_ size: PostgresPoolSize, open: @escaping @Sendable () throws -> PostgresConnection) {
        self.size = size
        self.open = open
        state = Mutex(State(schedule: PoolSchedule(size)))
        threads = NIOThreadPool(numberOfThreads: size.kept + size.overflow)
        threads.start()
        let task = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(15), delay: .seconds(15)) { [weak self] _ in
            self?.closeUnused()
        }
        upkeep.withLock { $0 = task }
    }

    /// Work whose task is cancelled while it waits for a connection is not done. A task that was cancelled before waits
    /// as any other: it cleans up.
    ///
    /// - Throws: what `body` throws; `DatabaseFailure.busy` after the wait limit or where too much waits already,
    ///   `.unavailable` without a connection, `CancellationError`.
    func run<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        let ticket = Ticket()
        let cleansUp = Task.isCancelled
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                submit(
                    Work(
                        ticket: ticket,
                        run: { connection in continuation.resume(with: Result { try body(connection) }) },
                        fail: { continuation.resume(throwing: $0) }))
                // Between the look and the queue.
                if !cleansUp, Task.isCancelled { withdraw(ticket) }
            }
        } onCancel: {
            withdraw(ticket)
        }
    }

    private func withdraw(_ ticket: Ticket) {
        let work = state.withLock { state in state.schedule.withdraw { $0.ticket === ticket } }
        work?.fail(CancellationError())
    }

    /// Waits for what runs, and closes every connection.
    func close() throws {
        upkeep.withLock { $0?.cancel() }
        for work in state.withLock({ $0.schedule.close() }) { work.fail(DatabaseFailure.closed) }
        try threads.syncShutdownGracefully()
        state.withLock { $0.idle = [] }
    }

    private func submit(_ work: Work) {
        switch state.withLock({ $0.schedule.submit(work, at: .now) }) {
        case .start: start(work)
        case .wait(let startsClock): if startsClock { tickLater() }
        case .full: work.fail(DatabaseFailure.busy)
        case .refuse: work.fail(DatabaseFailure.closed)
        }
    }

    private func start(_ work: Work) {
        threads.submit { [self] thread in
            guard thread == .active else { return work.fail(DatabaseFailure.closed) }
            serve(work)
        }
    }

    private func serve(_ first: Work) {
        var connection = state.withLock { $0.idle.popLast() }
        var next: Work? = first
        while let work = next {
            do {
                let usable = try usable(connection)
                connection = usable
                work.run(usable)
                if usable.loss != nil { connection = nil }
            } catch {
                connection = nil
                work.fail(error)
            }
            next = state.withLock { state in
                let next = state.schedule.next()
                if next == nil, let connection { state.idle.append(connection) }
                return next
            }
        }
    }

    private func usable(_ connection: PostgresConnection?) throws -> PostgresConnection {
        guard let connection, connection.openedAt.duration(to: .now) < size.lifetime else { return try openNew() }
        let isTrusted = connection.lastUsedAt.duration(to: .now) < Self.trustedFor
        guard isTrusted || connection.isAlive(), (try? connection.drain()) != nil else { return try openNew() }
        return connection
    }

    private func openNew() throws -> PostgresConnection {
        do {
            return try open()
        } catch {
            throw RepeatableFailure(error)
        }
    }

    private func tickLater() {
        eventLoop.scheduleTask(in: .milliseconds(5)) { [self] in
            let tick = state.withLock { $0.schedule.tick(at: .now) }
            for work in tick.expired { work.fail(DatabaseFailure.busy) }
            if let work = tick.start { start(work) }
            if tick.goesOn { tickLater() }
        }
    }

    /// Closes what overflowed and old connections; the most used are at the end.
    private func closeUnused() {
        let closed = state.withLock { state in
            let before = state.idle
            let kept = before.suffix(size.kept).filter { $0.openedAt.duration(to: .now) < size.lifetime }
            state.idle = kept
            return before.filter { connection in !kept.contains { $0 === connection } }
        }
        withExtendedLifetime(closed) {}
    }
}

/// A failure after which the same may be done again from its beginning: nothing of it has happened.
struct RepeatableFailure: Error {
    let failure: any Error

    init(_ failure: any Error) { self.failure = failure }
}
