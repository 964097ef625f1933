import NIOCore

/// Stops a connection that has sent more bytes than any wanted answer takes.
///
/// The HTTP decoder bounds headers, and the body has its own limit; this bounds everything that
/// becomes neither: reason phrases, interim answers, chunk extensions, packed data that unpacks to
/// nothing.
final class WireMeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var left: Int

    init(limit: Int) {
        left = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        left -= unwrapInboundIn(data).readableBytes
        if left >= 0 {
            context.fireChannelRead(data)
        } else {
            context.fireErrorCaught(FetchFailure(.tooLarge))
        }
    }
}
