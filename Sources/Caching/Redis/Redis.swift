import Logging
import NIOCore
import NIOPosix

/// A Redis server or cluster, shared by everything in this process.
///
/// Nothing here waits for long: without a connection commands fail at once, and otherwise within the command timeout.
public final class Redis: Sendable {
    private enum Servers {
        case one(RedisNode)
        case cluster(RedisCluster)
    }

    private let servers: Servers
    private let subscriber: RedisSubscriber
    private let installation: String
    private let connector: RedisConnector

    /// Begins to connect.
    ///
    /// - Parameter installation: tells its keys and channels from those of others on the same server.
    /// - Throws: where the certificate authorities named cannot be read.
    public init(
        _ configuration: RedisConfiguration, installation: String,
        eventLoops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger
    ) throws {
        self.installation = installation
        connector = try RedisConnector(configuration, eventLoops: eventLoops)
        if configuration.isCluster {
            let cluster = RedisCluster(connector: connector, logger: logger)
            servers = .cluster(cluster)
            subscriber = RedisSubscriber(addresses: { cluster.addresses }, connector: connector, logger: logger)
            cluster.refresh()
        } else {
            let node = RedisNode(addresses: { configuration.addresses }, connector: connector, logger: logger)
            servers = .one(node)
            subscriber = RedisSubscriber(
                addresses: { configuration.addresses }, connector: connector, logger: logger)
            node.connect()
        }
    }

    /// What this installation calls a key or a channel: `fuze:written:{42}:5f1c…`.
    public func name(_ text: String) -> String { "fuze:\(text):\(installation)" }

    /// Grows with every connection made. What was known of a server before may be forgotten there: it may have been
    /// started anew, or another stands in its place.
    public var connections: Int { connector.connections.value }

    public var state: RedisState {
        switch servers {
        case .one(let node): node.current
        case .cluster(let cluster): cluster.current
        }
    }

    /// Sends one command.
    ///
    /// - Throws: `.refused` with what Redis says against it; the others where there was no answer.
    @discardableResult
    public func send(_ command: RedisCommand) async throws(RedisFailure) -> RedisValue {
        guard let value = try await send([command]).first else { throw .unexpectedAnswer }
        if case .refusal(let refusal) = value { throw .refused(refusal) }
        return value
    }

    /// Sends commands together; their keys share a slot. Refusals are among the answers.
    public func send(_ commands: [RedisCommand]) async throws(RedisFailure) -> [RedisValue] {
        switch servers {
        case .one(let node): try await node.send(commands)
        case .cluster(let cluster): try await cluster.send(commands)
        }
    }

    /// Tells everyone who listens, on whichever server of a cluster they are.
    public func publish(_ message: ByteBuffer, on channel: String) async throws(RedisFailure) {
        try await send(RedisCommand("PUBLISH", .text(channel), .bytes(message), key: channel))
    }

    /// Hears what is said on a channel from now on, for as long as this lives.
    ///
    /// - Parameter listener: called in order and on the connection's thread; it must not take long.
    public func subscribe(to channel: String, _ listener: @escaping @Sendable (RedisMessage) -> Void) {
        subscriber.subscribe(to: channel, listener)
    }

    /// Ends every connection; commands fail from then on.
    public func close() async {
        await subscriber.close()
        switch servers {
        case .one(let node): await node.close()
        case .cluster(let cluster): await cluster.close()
        }
    }
}
