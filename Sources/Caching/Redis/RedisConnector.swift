import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Makes connections that are ready for use: encrypted where asked for, signed in, at the right database.
struct RedisConnector: Sendable {
    let configuration: RedisConfiguration
    let eventLoops: any EventLoopGroup
    let connections = ConnectionCount()
    private let tls: NIOSSLContext?

    /// - Throws: where the authorities of `configuration` cannot be read.
    init(_ configuration: RedisConfiguration, eventLoops: any EventLoopGroup) throws {
        self.configuration = configuration
        self.eventLoops = eventLoops
        guard configuration.usesTLS else {
            tls = nil
            return
        }
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.minimumTLSVersion = .tlsv12
        if let file = configuration.certificateAuthorities { settings.trustRoots = .file(file) }
        tls = try NIOSSLContext(configuration: settings)
    }

    func connect(
        to address: RedisAddress, delivery: RedisChannelHandler.Delivery?
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: eventLoops)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        // An address is no server name, and is checked against the certificate all the same.
                        let name = (try? SocketAddress(ipAddress: address.host, port: 0)) == nil ? address.host : nil
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try channel.pipeline.syncOperations.addHandler(RedisChannelHandler(delivery: delivery))
                }
            }
            .connect(host: address.host, port: address.port)
            .flatMap { channel in introduce(on: channel) }
    }

    /// Signs in and asks for a first answer: a server that takes connections and says nothing is not there.
    private func introduce(on channel: any Channel) -> EventLoopFuture<any Channel> {
        guard channel.isActive else { return channel.eventLoop.makeFailedFuture(RedisFailure.disconnected) }
        let introduced = channel.eventLoop.makePromise(of: (any Channel).self)
        let patience = max(configuration.commandTimeout, configuration.connectTimeout / 2)
        let introduction = introduction
        let batch = RedisBatch(commands: introduction.map(\.command), patience: patience) { answer in
            switch answer {
            case .failure(let failure): introduced.fail(failure)
            case .success(let values):
                let refusals = zip(introduction, values).compactMap { step, value in
                    if case .refusal(let refusal) = value { IntroductionRefused(step.wish, refusal) } else { nil }
                }
                if let first = refusals.first { introduced.fail(first) } else { introduced.succeed(channel) }
            }
        }
        channel.writeAndFlush([batch], promise: nil)
        introduced.futureResult.whenFailure { _ in channel.close(promise: nil) }
        return introduced.futureResult
    }

    private var introduction: [(wish: String, command: RedisCommand)] {
        var steps: [(wish: String, command: RedisCommand)] = []
        if let password = configuration.password {
            let words = [configuration.username, password].compactMap { $0.map(RedisCommand.Argument.text) }
            steps.append(("the user name or password", RedisCommand(["AUTH"] + words)))
        }
        if configuration.database != 0 {
            steps.append(("the database number", RedisCommand("SELECT", .number(configuration.database))))
        }
        steps.append(("commands", RedisCommand("PING")))
        return steps
    }

    /// In words for the log.
    static func reason(of error: any Error) -> String {
        switch error {
        case let refused as IntroductionRefused: refused.description
        case RedisFailure.timedOut: "No answer in time."
        case is NIOConnectionError, is ChannelError, is IOError: "No connection."
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: "No encrypted connection: \(error)"
        default: "The connection ended while it was made."
        }
    }
}

/// A server that does not let the client in. Its own text is left out: some servers repeat what they were sent, and
/// that may be the password.
private struct IntroductionRefused: Error, CustomStringConvertible {
    let description: String

    init(_ wish: String, _ refusal: RedisRefusal) {
        description = "Redis refuses \(wish)" + (refusal.code.map { ": \($0)." } ?? ".")
    }
}

/// How many connections were made since the start.
final class ConnectionCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}
