import NIOCore
import NIOPosix

/// Speaks to a server byte by byte, as no well-behaved client would.
struct RawConnection {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var unread = ""

    static func open<Value: Sendable>(
        port: Int, _ use: (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "localhost", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await use(&connection)
        }
    }

    private init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func closeOutput() { outbound.finish() }

    /// What arrives up to and including `end`, or up to the connection's end.
    mutating func read(through end: String) async throws -> String {
        while true {
            if let range = unread.firstRange(of: end) {
                let text = String(unread[..<range.upperBound])
                unread = String(unread[range.upperBound...])
                return text
            }
            guard let bytes = try await inbound.next() else {
                defer { unread = "" }
                return unread
            }
            unread += String(buffer: bytes)
        }
    }

    /// Everything up to the connection's end, which a reset counts as too.
    mutating func readToEnd() async throws -> String {
        do {
            while let bytes = try await inbound.next() { unread += String(buffer: bytes) }
        } catch is IOError {}
        defer { unread = "" }
        return unread
    }
}
