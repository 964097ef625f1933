import AsyncAlgorithms
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

extension Response {
    /// Answers with events as they come (`text/event-stream`), until the sequence ends, the client goes away or
    /// the server shuts down. A slow client slows the sequence down: no event is fetched before the last is sent.
    ///
    /// - Parameter keepAlive: How often a comment is sent while there is nothing to say, so that proxies keep
    ///   the connection.
    public static func eventStream<Events: AsyncSequence & Sendable>(
        _ events: Events, keepAlive: Duration = .seconds(15), context: APIContext
    ) -> Response where Events.Element == ServerSentEvent {
        let channel = context.channel
        let body = ResponseBody { writer in
            try await EventStreamSignal.deliver(events, every: keepAlive, until: channel, to: &writer)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
                .xAccelBuffering: "no",
            ],
            body: body)
    }
}

/// What the writer of an event stream waits for.
private enum EventStreamSignal: Sendable {
    case event(ServerSentEvent)
    case keepAlive
    case end

    static func deliver<Events: AsyncSequence & Sendable>(
        _ events: Events, every interval: Duration, until channel: any Channel,
        to writer: inout any ResponseBodyWriter
    ) async throws where Events.Element == ServerSentEvent {
        let (ending, end) = AsyncStream.makeStream(of: EventStreamSignal.self, bufferingPolicy: .bufferingOldest(1))
        channel.closeFuture.whenComplete { _ in end.yield(.end) }
        let signals = merge(
            chain(events.map { EventStreamSignal.event($0) }, [EventStreamSignal.end].async),
            AsyncTimerSequence(interval: interval, clock: .continuous).map { _ in EventStreamSignal.keepAlive },
            ending)
        try await withGracefulShutdownHandler {
            try await writer.write(comment)
            loop: for try await signal in signals {
                switch signal {
                case .event(let event):
                    var buffer = ByteBuffer()
                    event.write(into: &buffer)
                    try await writer.write(buffer)
                case .keepAlive: try await writer.write(comment)
                case .end: break loop
                }
            }
        } onGracefulShutdown: {
            end.yield(.end)
        }
        try await writer.finish(nil)
    }

    /// Sent at once too: some clients take a stream as open with its first byte only.
    private static let comment = ByteBuffer(string: ":\n\n")
}

extension HTTPField.Name {
    static let xAccelBuffering = Self("X-Accel-Buffering")!
}
