import NIOCore
import Synchronization

/// How the instances of an installation tell one another what has happened. Without Redis there is this one only.
///
/// A message reaches those who listen at that moment; nothing is kept. Whoever needs to know all looks at the records
/// when `.subscribed` says that messages may have been missed.
public final class InstanceBus: Sendable {
    /// Hears messages, and when some may have been missed.
    public typealias Listener = @Sendable (RedisMessage) -> Void

    private let redis: Redis?
    private let listeners = Mutex<[String: [Listener]]>([:])
    /// Tells an instance's own messages from those of others.
    private let sender = UInt64.random(in: .min ... .max)

    public init(redis: Redis?) { self.redis = redis }

    /// Tells every listener of this and of all other instances. Those here hear it even while Redis is gone.
    public func tell(_ message: ByteBuffer, on channel: String) async {
        for listener in listeners.withLock({ $0[channel] ?? [] }) { listener(.message(message)) }
        await tellOthers(message, on: channel)
    }

    /// Tells the listeners of the other instances.
    public func tellOthers(_ message: ByteBuffer, on channel: String) async {
        var bytes = ByteBuffer(integer: sender)
        bytes.writeImmutableBuffer(message)
        // Without Redis nobody hears it, and everybody looks at the records on their return.
        if let redis { try? await redis.publish(bytes, on: redis.name(channel)) }
    }

    /// Listens for as long as the bus lives.
    ///
    /// - Parameter listener: called in order and on the thread of whoever tells; it must not take long.
    public func listen(on channel: String, _ listener: @escaping Listener) {
        listeners.withLock { $0[channel, default: []].append(listener) }
        guard let redis else { return }
        redis.subscribe(to: redis.name(channel)) { [sender] message in
            guard case .message(var bytes) = message else { return listener(message) }
            guard let from = bytes.readInteger(as: UInt64.self), from != sender else { return }
            listener(.message(bytes))
        }
    }
}

/// Tells the other instances that there is something to do. What is told while the last telling is under way becomes
/// one, however often it is.
public final class Announcer: Sendable {
    private enum State {
        case quiet
        case telling
        case tellingAndAgain
    }

    private let bus: InstanceBus
    private let channel: String
    private let state = Mutex(State.quiet)

    public init(_ bus: InstanceBus, channel: String) {
        self.bus = bus
        self.channel = channel
    }

    /// Returns at once.
    public func announce() {
        let begins = state.withLock { state in
            defer { state = state == .quiet ? .telling : .tellingAndAgain }
            return state == .quiet
        }
        if begins { Task { await self.tell() } }
    }

    private func tell() async {
        repeat {
            await bus.tellOthers(ByteBuffer(), on: channel)
        } while goesOn()
    }

    private func goesOn() -> Bool {
        state.withLock { state in
            defer { state = state == .tellingAndAgain ? .telling : .quiet }
            return state == .tellingAndAgain
        }
    }
}
