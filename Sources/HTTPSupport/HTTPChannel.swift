import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// The server's side of an HTTP/1 connection, for Hummingbird.
///
/// Stock Hummingbird stalls a connection whose client offers an upgrade (`Upgrade: h2c`), never closes one that
/// an HTTP/1.0 client expects to be closed, lets a body trickle in for ever and answers broken requests without
/// a body. Here one handler between the decoder and the routes, ``ConnectionGate``, knows all exchanges of
/// the connection and sees to that.
public struct HTTPChannel: HTTPChannelHandler {
    public typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    public let responder: HTTPChannelHandler.Responder
    private let limits: ConnectionLimits

    public init(responder: @escaping HTTPChannelHandler.Responder, limits: ConnectionLimits = ConnectionLimits()) {
        self.responder = responder
        self.limits = limits
    }

    /// Each connection keeps a buffer for what it reads next, idle or not: one that holds a usual request is enough,
    /// and a body makes it grow.
    private static let receiveBuffers = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 65_536)

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.syncOptions?.setOption(.recvAllocator, value: Self.receiveBuffers)
            let decoder = ConnectionGate.makeDecoder(limits)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(decoder)
            try pipeline.addHandler(ConnectionGate(decoder: decoder, limits: limits))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    public func handle(value channel: Value, logger: Logger) async {
        await handleHTTP(asyncChannel: channel, logger: logger)
    }
}

extension HTTPServerBuilder {
    /// For `Application(responder:server:)`.
    public static func api(limits: ConnectionLimits = ConnectionLimits()) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in HTTPChannel(responder: responder, limits: limits) }
    }
}

/// How long a connection may take and how large a request's head may be.
public struct ConnectionLimits: Sendable, Equatable {
    /// From connecting to the end of the first request's head.
    public var firstHead: TimeAmount
    /// Between requests, with the next one's head.
    public var idle: TimeAmount
    /// Over each of these spans a body must bring ``bodyBytesPerSecond`` on average.
    public var bodySpan: TimeAmount
    public var bodyBytesPerSecond: Int
    /// Without the client taking a single byte of what is ready for it.
    public var stalledWrite: TimeAmount
    /// For the last bytes to reach the client after the connection's last answer.
    public var linger: TimeAmount
    /// Bytes of the address or of one header field; a long search is still an address.
    public var headFieldSize: Int
    public var headSize: Int
    public var headFields: Int

    public init(
        firstHead: TimeAmount = .seconds(20), idle: TimeAmount = .seconds(75),
        bodySpan: TimeAmount = .seconds(20), bodyBytesPerSecond: Int = 500,
        stalledWrite: TimeAmount = .seconds(60), linger: TimeAmount = .seconds(2),
        headFieldSize: Int = 80 * 1024, headSize: Int = 128 * 1024, headFields: Int = 100
    ) {
        self.firstHead = firstHead
        self.idle = idle
        self.bodySpan = bodySpan
        self.bodyBytesPerSecond = bodyBytesPerSecond
        self.stalledWrite = stalledWrite
        self.linger = linger
        self.headFieldSize = headFieldSize
        self.headSize = headSize
        self.headFields = headFields
    }

    var decoder: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = headFieldSize
        limits.maxHeaderListSize = headSize
        limits.maxHeaderFieldCount = headFields
        return limits
    }

    /// How often the clock is looked at: deadlines are met within this.
    var tick: TimeAmount {
        let shortest = min(firstHead, idle, bodySpan, stalledWrite)
        return max(.nanoseconds(shortest.nanoseconds / 2), .milliseconds(10))
    }
}
