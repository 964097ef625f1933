import NIOCore
import NIOPosix
import NIOSSL

/// Makes connections that are ready for use: encrypted where asked for, signed in, at the right database.
struct RedisConnector: Sendable {
    let configuration: RedisConfiguration
    let eventLoops: any EventLoopGroup
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
        let deadline = ContinuousClock.now + max(configuration.commandTimeout, configuration.connectTimeout / 2)
        let batch = RedisBatch(commands: introduction, deadline: deadline) { answer in
            switch answer {
            case .failure(let failure): introduced.fail(failure)
            case .success(let values):
                let refusals = values.compactMap { value in
                    if case .refusal(let refusal) = value { refusal } else { nil }
                }
                if let first = refusals.first {
                    introduced.fail(RedisFailure.refused(first))
                } else {
                    introduced.succeed(channel)
                }
            }
        }
        channel.writeAndFlush([batch], promise: nil)
        introduced.futureResult.whenFailure { _ in channel.close(promise: nil) }
        return introduced.futureResult
    }

    private var introduction: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password = configuration.password {
            if let username = configuration.username {
                commands.append(RedisCommand("AUTH", .text(username), .text(password)))
            } else {
                commands.append(RedisCommand("AUTH", .text(password)))
            }
        }
        if configuration.database != 0 { commands.append(RedisCommand("SELECT", .number(configuration.database))) }
        commands.append(RedisCommand("PING"))
        return commands
    }

    /// In words for the log; what Redis itself says names no secrets.
    static func reason(of error: any Error) -> String {
        switch error {
        case RedisFailure.refused(let refusal): refusal.message
        case RedisFailure.timedOut: "No answer in time."
        case is NIOConnectionError, is ChannelError, is IOError: "No connection."
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: "No encrypted connection: \(error)"
        default: "The connection ended while it was made."
        }
    }
}
