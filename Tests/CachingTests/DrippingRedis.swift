import NIOCore
import NIOPosix

@testable import Caching

/// A server that answers every command, one at a time and slowly; only the introduction at once.
final class DrippingRedis: Sendable {
    private let channel: any Channel
    private let accepted: ConnectionCount

    static func start(interval: TimeAmount) async throws -> DrippingRedis {
        let accepted = ConnectionCount()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    accepted.add()
                    try channel.pipeline.syncOperations.addHandler(Dripping(interval: interval))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return DrippingRedis(channel, accepted)
    }

    private init(_ channel: any Channel, _ accepted: ConnectionCount) {
        self.channel = channel
        self.accepted = accepted
    }

    var url: String { "redis://127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    var connections: Int { accepted.value }

    func stop() async throws { try await channel.close() }
}

private final class Dripping: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let interval: TimeAmount
    private var parser = RESPParser()
    private var received = ByteBuffer()
    private var isIntroduced = false
    private var owed = 0
    private var drip: RepeatedTask?

    init(interval: TimeAmount) { self.interval = interval }

    func channelActive(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        drip = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (handler, context) = bound.value
            guard handler.owed > 0 else { return }
            handler.owed -= 1
            handler.answer(context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        while let command = try? parser.next(from: &received), command.elements != nil {
            if isIntroduced { owed += 1 } else { answer(context) }
            isIntroduced = true
        }
    }

    func channelInactive(context _: ChannelHandlerContext) { drip?.cancel() }

    private func answer(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "+OK\r\n")), promise: nil)
    }
}
