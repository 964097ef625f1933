import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Stands between the decoder and the routes of one connection, and keeps account of its exchanges.
///
/// It frames answers for what the client understands, ends the connection when HTTP says so, restarts the
/// decoder after an upgrade that nobody took up, and answers bytes that are no request. A later WebSocket
/// upgrade has its place in ``channelRead(context:data:)``: hold back `.end`, and on a 101 pass bytes through.
final class ConnectionGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = IOData

    typealias Decoder = ByteToMessageHandler<HTTPRequestDecoder>

    private enum Input {
        case open
        /// What still arrives is not looked at: the last answer is on its way.
        case ignored
        case closed
    }

    private let limits: ConnectionLimits
    private var decoder: Decoder
    /// Requests not yet answered in full, oldest first: the last is being received, the first answered.
    private var exchanges = CircularBuffer<Exchange>(initialCapacity: 2)
    private var clock: ConnectionClock
    private var ticking: Scheduled<Void>?
    private var input = Input.open
    private var isQuiescing = false
    /// Said once every request before it is answered.
    private var refusal: Problem?

    init(decoder: Decoder, limits: ConnectionLimits) {
        self.decoder = decoder
        self.limits = limits
        clock = ConnectionClock(limits: limits, now: .now())
    }

    static func makeDecoder(_ limits: ConnectionLimits) -> Decoder {
        ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits.decoder))
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard input == .open else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            begin(Exchange(head), context: context)
            context.fireChannelRead(wrapInboundOut(.head(HTTPWire.request(head))))
        case .body(let bytes):
            clock.receive(bytes.readableBytes)
            receiving?.receive(bytes.readableBytes)
            context.fireChannelRead(wrapInboundOut(.body(bytes)))
        case .end(let trailers):
            receiveEnd(context: context)
            context.fireChannelRead(wrapInboundOut(.end(trailers.map { HTTPFields($0) })))
        }
    }

    /// The request whose body is coming in.
    private var receiving: Exchange? {
        get { exchanges.last.flatMap { $0.isReceived ? nil : $0 } }
        set {
            if let newValue, !exchanges.isEmpty { exchanges[exchanges.index(before: exchanges.endIndex)] = newValue }
        }
    }

    private func begin(_ exchange: Exchange, context: ChannelHandlerContext) {
        if exchange.expectsContinue, exchanges.isEmpty {
            var buffer = context.channel.allocator.buffer(capacity: 32)
            buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(.byteBuffer(buffer)), promise: nil)
        }
        exchanges.append(exchange)
        clock.enter(.receivingBody, now: .now())
    }

    private func receiveEnd(context: ChannelHandlerContext) {
        guard let exchange = receiving else { return }
        receiving?.receiveEnd()
        clock.enter(.answering, now: .now())
        if exchange.stopsDecoder { restartDecoder(context: context) }
        if exchange.isAnswered { complete(context: context) }
    }

    func read(context: ChannelHandlerContext) {
        clock.want(true)
        context.read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        clock.want(false)
        context.fireChannelReadComplete()
    }

    /// The decoder stops after a request that offers an upgrade; a fresh one goes on with what follows.
    private func restartDecoder(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        let fresh = Self.makeDecoder(limits)
        do {
            try pipeline.addHandler(fresh, position: .after(decoder))
        } catch {
            return context.close(promise: nil)
        }
        pipeline.removeHandler(decoder).assumeIsolated().whenComplete { _ in
            context.fireChannelReadComplete()
        }
        decoder = fresh
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let exchange = exchanges.first, !exchange.isAnswered else {
            promise?.succeed()
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head): write(head, context: context, promise: promise)
        case .body(let bytes): write(bytes, context: context, promise: promise)
        case .end(let trailers): finish(trailers, context: context, promise: promise)
        }
    }

    private func write(_ head: HTTPResponse, context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        var head = head
        var buffer = context.channel.allocator.buffer(capacity: 512)
        if head.status.kind != .informational {
            if isQuiescing { exchanges[exchanges.startIndex].closeAfterAnswer() }
            _ = exchanges[exchanges.startIndex].begin(&head)
        }
        HTTPWire.write(head, into: &buffer)
        context.write(wrapOutboundOut(.byteBuffer(buffer)), promise: promise)
        if input == .closed, exchanges.first?.endsWithInput == true { context.close(promise: nil) }
    }

    private func write(_ bytes: ByteBuffer, context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        switch exchanges.first?.framing {
        case .length, .untilClose: context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: promise)
        case .chunked where bytes.readableBytes > 0:
            var frame = context.channel.allocator.buffer(capacity: 20)
            HTTPWire.writeChunkHead(length: bytes.readableBytes, into: &frame)
            context.write(wrapOutboundOut(.byteBuffer(frame)), promise: nil)
            context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
            frame.clear()
            frame.writeStaticString("\r\n")
            context.write(wrapOutboundOut(.byteBuffer(frame)), promise: promise)
        default: promise?.succeed()
        }
    }

    private func finish(_ trailers: HTTPFields?, context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        var buffer = context.channel.allocator.buffer(capacity: 0)
        if exchanges.first?.framing == .chunked { HTTPWire.writeLastChunk(trailers, into: &buffer) }
        context.write(wrapOutboundOut(.byteBuffer(buffer)), promise: promise)
        exchanges[exchanges.startIndex].answerEnded()
        if exchanges.first?.isReceived == true || exchanges.first?.closes == true { complete(context: context) }
    }

    /// The oldest exchange is over: the connection goes on to the next or ends.
    private func complete(context: ChannelHandlerContext) {
        let exchange = exchanges.removeFirst()
        if exchange.closes || isQuiescing && exchanges.isEmpty {
            closeOutput(context: context)
        } else if exchanges.isEmpty {
            clock.enter(.idle, now: .now())
            refuse(context: context)
        }
    }

    /// The last answer is written: it may still need time to arrive, which closing at once would cut short.
    private func closeOutput(context: ChannelHandlerContext) {
        exchanges.removeAll()
        clock.enter(.answering, now: .now())
        if input == .open { input = .ignored }
        let sent = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { [limits] _ in
            context.close(mode: .output, promise: nil)
            context.eventLoop.assumeIsolated().scheduleTask(in: limits.linger) { context.close(promise: nil) }
        }
    }

    // MARK: Broken requests

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard input != .ignored else { return }
        input = .ignored
        if let exchange = receiving {
            failBody(of: exchange, with: error, context: context)
        } else {
            refusal = HTTPWire.refusal(of: error)
            if exchanges.isEmpty { refuse(context: context) }
        }
    }

    /// The route learns of it where it reads the body; where it has answered already there is nothing to say.
    private func failBody(of exchange: Exchange, with error: any Error, context: ChannelHandlerContext) {
        if exchange.isAnswered { return context.close(promise: nil) }
        receiving?.closeAfterAnswer()
        context.fireErrorCaught(error)
    }

    private func refuse(context: ChannelHandlerContext) {
        guard let problem = refusal else { return }
        refusal = nil
        var buffer = context.channel.allocator.buffer(capacity: 512)
        HTTPWire.write(closingWith: problem, into: &buffer)
        context.write(wrapOutboundOut(.byteBuffer(buffer)), promise: nil)
        closeOutput(context: context)
    }

    // MARK: Time and shutdown

    func handlerAdded(context: ChannelHandlerContext) {
        tick(context: context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ticking?.cancel()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            if exchanges.isEmpty { context.close(promise: nil) }
        case ChannelEvent.inputClosed:
            input = .closed
            if exchanges.first?.endsWithInput == true { context.close(promise: nil) }
            context.fireUserInboundEventTriggered(event)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func tick(context: ChannelHandlerContext) {
        ticking = context.eventLoop.assumeIsolated().scheduleTask(in: limits.tick) {
            self.checkClock(context: context)
        }
    }

    private func checkClock(context: ChannelHandlerContext) {
        let unsent = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        switch clock.check(now: .now(), unsentBytes: unsent) {
        case .inTime: tick(context: context)
        case .close: context.close(promise: nil)
        case .bodyTooSlow:
            input = .ignored
            guard let exchange = receiving else { return context.close(promise: nil) }
            failBody(of: exchange, with: BodyTooSlow(), context: context)
            clock.enter(.answering, now: .now())
            tick(context: context)
        }
    }
}

/// The rest of a body did not arrive in time.
struct BodyTooSlow: ProblemConvertible {
    var problem: Problem { .requestTimeout() }
}

extension HTTPFields {
    fileprivate init(_ headers: HTTPHeaders) {
        self.init()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
        }
    }
}
