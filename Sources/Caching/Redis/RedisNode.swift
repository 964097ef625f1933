import Logging
import NIOCore
import Synchronization

/// How the connection to Redis stands.
public enum RedisState: Sendable, Equatable {
    /// The first connection is being made.
    case connecting
    case ready
    /// Commands fail at once; the connection is tried again by itself.
    case down(reason: String)
    case closed
}

/// One server, reached over one connection that all callers share and that is made anew whenever it breaks.
///
/// Commands of concurrent callers are sent together. While there is no connection they fail at once, so that a
/// server that is down or slow costs a request at most one command timeout now and then.
final class RedisNode: Sendable {
    typealias Ready = @Sendable (RedisNode) -> Void

    private enum Phase {
        case connecting
        case ready(any Channel, since: ContinuousClock.Instant)
        case waiting(reason: String)
        case closed
    }

    private struct State {
        var phase = Phase.connecting
        var isFirstAttempt = true
        var attempts = 0
        var queue: [RedisBatch] = []
        var isFlushing = false
        /// Commands without an answer, queued or on the wire.
        var outstanding = 0
        var backoff = Backoff()
    }

    private let addresses: @Sendable () -> [RedisAddress]
    private let connector: RedisConnector
    private let delivery: RedisChannelHandler.Delivery?
    private let onReady: Ready?
    private let logger: Logger
    private let state = Mutex(State())

    /// An idle connection is asked this often whether it still lives.
    private static let heartbeat = Duration.seconds(1)

    /// - Parameters:
    ///   - addresses: where to connect to; of several, each attempt takes the next.
    ///   - delivery: makes it a connection that subscribes.
    ///   - onReady: called after every connection made, in no particular thread.
    init(
        addresses: @escaping @Sendable () -> [RedisAddress], connector: RedisConnector, logger: Logger,
        delivery: RedisChannelHandler.Delivery? = nil, onReady: Ready? = nil
    ) {
        self.addresses = addresses
        self.connector = connector
        self.logger = logger
        self.delivery = delivery
        self.onReady = onReady
    }

    var current: RedisState {
        state.withLock { state in
            switch state.phase {
            case .connecting: state.isFirstAttempt ? .connecting : .down(reason: "The connection is being made anew.")
            case .ready: .ready
            case .waiting(let reason): .down(reason: reason)
            case .closed: .closed
            }
        }
    }

    /// - Parameter deadline: when the caller gives up; the command timeout from now where there is none.
    func send(
        _ commands: [RedisCommand], by deadline: ContinuousClock.Instant? = nil
    ) async throws(RedisFailure) -> [RedisValue] {
        let answer = await withCheckedContinuation { continuation in
            submit(commands, by: deadline) { continuation.resume(returning: $0) }
        }
        return try answer.get()
    }

    /// Queues commands; the answer comes on the connection's event loop, or at once where there is no connection.
    func submit(
        _ commands: [RedisCommand], by deadline: ContinuousClock.Instant? = nil,
        answer: @escaping @Sendable (RedisBatch.Answer) -> Void
    ) {
        let count = commands.count
        let patience = connector.configuration.commandTimeout
        let refusal: RedisFailure? = state.withLock { state in
            var deadline = deadline
            switch state.phase {
            case .ready: break
            // Once it is sent the connection watches the time, and not before.
            case .connecting where state.isFirstAttempt: deadline = deadline ?? .now + patience
            case .connecting, .waiting: return .unavailable
            case .closed: return .closed
            }
            guard state.outstanding + count <= connector.configuration.queueLimit else { return .overloaded }
            state.outstanding += count
            let answer = deadline.map { onTime(answer, by: $0) } ?? answer
            state.queue.append(
                RedisBatch(commands: commands, patience: patience) { result in
                    self.state.withLock { $0.outstanding -= count }
                    answer(result)
                })
            return nil
        }
        if let refusal { answer(.failure(refusal)) } else { flush() }
    }

    /// Answers at the deadline where nobody else has.
    private func onTime(
        _ answer: @escaping @Sendable (RedisBatch.Answer) -> Void, by deadline: ContinuousClock.Instant
    ) -> @Sendable (RedisBatch.Answer) -> Void {
        let first = FirstAnswer(answer)
        connector.eventLoops.next().scheduleTask(in: TimeAmount(max(.zero, deadline - .now))) {
            first.give(.failure(.timedOut))
        }
        return { first.give($0) }
    }

    /// Sends what has queued up, from the event loop: what other threads add until then goes along.
    private func flush() {
        let channel: (any Channel)? = state.withLock { state in
            guard case .ready(let channel, _) = state.phase, !state.isFlushing, !state.queue.isEmpty else { return nil }
            state.isFlushing = true
            return channel
        }
        guard let channel else { return }
        channel.eventLoop.execute {
            let batches = self.state.withLock { state in
                state.isFlushing = false
                return exchange(&state.queue, [])
            }
            // A channel that has ended has no handlers any more that would answer.
            guard channel.isActive else {
                for batch in batches { batch.answer(.failure(.disconnected)) }
                return
            }
            if !batches.isEmpty { channel.writeAndFlush(batches, promise: nil) }
        }
    }

    func connect() {
        let addresses = addresses()
        let attempt: Int? = state.withLock { state in
            if case .closed = state.phase { return nil }
            state.phase = .connecting
            state.attempts += 1
            return state.attempts - 1
        }
        guard let attempt, !addresses.isEmpty else { return }
        connector.connect(to: addresses[attempt % addresses.count], delivery: delivery).whenComplete { result in
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure(let error): self.failed(RedisConnector.reason(of: error))
            }
        }
    }

    private func connected(_ channel: any Channel) {
        let isWanted = state.withLock { state in
            if case .closed = state.phase { return false }
            connector.connections.add()
            state.phase = .ready(channel, since: .now)
            if !state.isFirstAttempt { logger.notice("Redis is back") }
            state.isFirstAttempt = false
            return true
        }
        guard isWanted else { return channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in self.ended(channel) }
        flush()
        beat(channel)
        onReady?(self)
    }

    private func ended(_ channel: any Channel) {
        let wasReady = state.withLock { state in
            guard case .ready(let current, let since) = state.phase, current === channel else { return false }
            state.backoff.connectionEnded(after: .now - since)
            return true
        }
        if wasReady { failed("The connection broke, or an answer took too long.") }
    }

    private func failed(_ reason: String) {
        let (wait, batches, isNews) = state.withLock { state -> (Duration?, [RedisBatch], Bool) in
            if case .closed = state.phase { return (nil, [], false) }
            let wasReady = if case .ready = state.phase { true } else { false }
            let isNews = wasReady || state.isFirstAttempt
            state.phase = .waiting(reason: reason)
            state.isFirstAttempt = false
            return (state.backoff.next(), exchange(&state.queue, []), isNews)
        }
        for batch in batches { batch.answer(.failure(.unavailable)) }
        guard let wait else { return }
        if isNews { logger.warning("Redis does not answer", metadata: ["reason": "\(reason)"]) }
        connector.eventLoops.next().scheduleTask(in: TimeAmount(wait)) { self.connect() }
    }

    /// Finds out that a server is gone before a request does.
    private func beat(_ channel: any Channel) {
        channel.eventLoop.scheduleTask(in: TimeAmount(Self.heartbeat)) {
            guard channel.isActive else { return }
            self.submit([RedisCommand("PING")]) { _ in self.beat(channel) }
        }
    }

    func close() async {
        let (channel, batches) = state.withLock { state -> ((any Channel)?, [RedisBatch]) in
            let channel: (any Channel)? = if case .ready(let channel, _) = state.phase { channel } else { nil }
            state.phase = .closed
            return (channel, exchange(&state.queue, []))
        }
        for batch in batches { batch.answer(.failure(.closed)) }
        try? await channel?.close()
    }
}

/// Puts a new value in the place of another, which it returns.
private func exchange<Value>(_ place: inout Value, _ new: Value) -> Value {
    defer { place = new }
    return place
}
