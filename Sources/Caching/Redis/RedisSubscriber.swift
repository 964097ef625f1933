import Logging
import NIOCore
import Synchronization

/// What one who listens hears.
public enum RedisMessage: Sendable, Equatable {
    case message(ByteBuffer)
    /// The subscription stands, at first or again: what was said before may have been missed.
    case subscribed
}

/// Listens to channels over a connection of its own, and again after that connection was lost.
final class RedisSubscriber: Sendable {
    typealias Listener = @Sendable (RedisMessage) -> Void

    private struct State {
        var listeners: [String: [Listener]] = [:]
        var node: RedisNode?
    }

    private let addresses: @Sendable () -> [RedisAddress]
    private let connector: RedisConnector
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter addresses: any of these carries every message.
    init(addresses: @escaping @Sendable () -> [RedisAddress], connector: RedisConnector, logger: Logger) {
        self.addresses = addresses
        self.connector = connector
        self.logger = logger
    }

    /// Listens from now on. The connection is made with the first listener.
    func subscribe(to channel: String, _ listener: @escaping Listener) {
        let (known, new) = state.withLock { state -> (RedisNode?, RedisNode?) in
            state.listeners[channel, default: []].append(listener)
            if let node = state.node { return (node, nil) }
            let node = RedisNode(
                addresses: addresses, connector: connector, logger: logger,
                delivery: { [weak self] in self?.deliver($1, on: $0) },
                onReady: { [weak self] in self?.subscribeToAll(on: $0) })
            state.node = node
            return (nil, node)
        }
        if let known { subscribe(to: [channel], on: known) }
        new?.connect()
    }

    private func subscribeToAll(on node: RedisNode) {
        subscribe(to: state.withLock { Array($0.listeners.keys) }, on: node)
    }

    private func subscribe(to channels: [String], on node: RedisNode) {
        for channel in channels {
            node.submit([RedisCommand("SUBSCRIBE", .text(channel))]) { answer in
                // Where this fails the connection ends, and everything is subscribed to again with the next one.
                guard case .success = answer else { return }
                self.tell(.subscribed, on: channel)
            }
        }
    }

    private func deliver(_ bytes: ByteBuffer, on channel: String) { tell(.message(bytes), on: channel) }

    private func tell(_ message: RedisMessage, on channel: String) {
        for listener in state.withLock({ $0.listeners[channel] ?? [] }) { listener(message) }
    }

    func close() async { await state.withLock { $0.node }?.close() }
}
