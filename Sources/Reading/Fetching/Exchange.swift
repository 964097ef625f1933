import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One request over one connection to one checked address.
struct Exchange: Sendable {
    let configuration: FetchConfiguration
    let tls: NIOSSLContext

    /// Starts the exchange. Completing `outcome` from outside (a deadline, a cancellation) ends it
    /// and closes the connection.
    func start(
        _ request: HTTPRequestHead, to address: SocketAddress, serverName: String?,
        reporting outcome: EventLoopPromise<WireResponse>
    ) {
        ClientBootstrap(group: outcome.futureResult.eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try addTLS(to: pipeline, serverName: serverName)
                    try addHTTP(to: pipeline)
                    try pipeline.addHandler(
                        ResponseHandler(maxBytes: configuration.maxBytes, outcome: outcome))
                }
            }
            .connect(to: address)
            .whenComplete { result in
                switch result {
                case .failure: outcome.fail(FetchFailure(.connectFailed))
                case .success(let channel): send(request, over: channel, until: outcome.futureResult)
                }
            }
    }

    private func send(
        _ request: HTTPRequestHead, over channel: any Channel,
        until outcome: EventLoopFuture<WireResponse>
    ) {
        outcome.whenComplete { _ in channel.close(promise: nil) }
        channel.write(HTTPClientRequestPart.head(request), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    private func addTLS(
        to pipeline: ChannelPipeline.SynchronousOperations, serverName: String?
    ) throws {
        guard let serverName else { return }
        // An address is no server name (RFC 6066); its certificate is checked all the same.
        let isName = IPAddress(serverName) == nil
        try pipeline.addHandler(
            NIOSSLClientHandler(context: tls, serverHostname: isName ? serverName : nil))
    }

    private func addHTTP(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = configuration.maxHeaderBytes
        limits.maxHeaderFieldSize = configuration.maxHeaderBytes
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
            limitConfiguration: limits)
        // Twice the body: a body in small chunks needs about as much again for their lengths.
        try pipeline.addHandler(
            WireMeter(limit: configuration.maxHeaderBytes + 2 * configuration.maxBytes))
        try pipeline.addHandler(HTTPRequestEncoder())
        try pipeline.addHandler(
            ByteToMessageHandler(decoder, maximumBufferSize: configuration.maxHeaderBytes))
    }
}
