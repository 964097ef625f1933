import NIOCore

/// The wire of one connection: writes batches in one piece, hands each its answers, watches the time.
final class RedisChannelHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = [RedisBatch]
    typealias OutboundOut = ByteBuffer

    /// What arrives without being asked for: the channel and the message.
    typealias Delivery = @Sendable (_ channel: String, _ message: ByteBuffer) -> Void

    private let delivery: Delivery?
    private var parser = RESPParser()
    private var received = ByteBuffer()
    private var awaited = AwaitedAnswers<@Sendable (RedisBatch.Answer) -> Void>()
    private var alarm: Scheduled<Void>?
    /// When the oldest command that waits was first seen to be overdue.
    private var lateSince: ContinuousClock.Instant?

    /// An answer may lie in the socket while a busy processor has kept this loop from reading it.
    private static let grace = TimeAmount.milliseconds(20)

    /// - Parameter delivery: for a connection that subscribes; nil for one that does not.
    init(delivery: Delivery?) { self.delivery = delivery }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let batches = unwrapOutboundIn(data)
        var bytes = context.channel.allocator.buffer(capacity: 64 * batches.count)
        let now = ContinuousClock.now
        for batch in batches {
            for command in batch.commands { command.encode(into: &bytes) }
            awaited.append(batch.answer, answers: batch.commands.count, deadline: now + batch.patience)
        }
        context.write(wrapOutboundOut(bytes), promise: promise)
        if alarm == nil { setAlarm(context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if received.readableBytes == 0 { received = bytes } else { received.writeBuffer(&bytes) }
        do throws(RESPParser.Violation) {
            while let value = try parser.next(from: &received) {
                guard take(value) else { return context.close(promise: nil) }
            }
            received.discardReadBytes()
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        for (answer, isLate) in awaited.giveUp(at: .now) { answer(.failure(isLate ? .timedOut : .disconnected)) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error _: any Error) { context.close(promise: nil) }

    private func take(_ value: RedisValue) -> Bool {
        if let delivery, let parts = value.elements, parts.count == 3, parts[0].text == "message",
            let channel = parts[1].text, let message = parts[2].bytes
        {
            delivery(channel, message)
            return true
        }
        switch awaited.take(value) {
        case .more: return true
        case .complete(let answer, let values):
            answer(.success(values))
            return true
        case .nobody: return false
        }
    }

    private func setAlarm(_ context: ChannelHandlerContext) {
        guard let deadline = awaited.firstDeadline else {
            alarm = nil
            lateSince = nil
            return
        }
        let wait = max(.zero, deadline - .now)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        alarm = context.eventLoop.scheduleTask(in: lateSince == nil ? TimeAmount(wait) : Self.grace) {
            let (handler, context) = bound.value
            handler.lookAtClock(context)
        }
    }

    /// Ends a connection whose oldest command is overdue: what follows it would be late too. That answers trickle in
    /// is no excuse, as long as the oldest that waits was late already when the grace began.
    private func lookAtClock(_ context: ChannelHandlerContext) {
        let now = ContinuousClock.now
        guard let deadline = awaited.firstDeadline, deadline <= now else {
            lateSince = nil
            return setAlarm(context)
        }
        if let lateSince, deadline <= lateSince { return context.close(promise: nil) }
        lateSince = now
        setAlarm(context)
    }
}
