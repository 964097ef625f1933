import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A site on loopback that answers each connection with raw bytes, so that it can misbehave in
/// every way a real one can.
public struct ScriptedSite: Sendable {
    public enum Step: Sendable {
        case send([UInt8])
        case pause(Duration)
        /// The same bytes as often as the peer takes them.
        case endless([UInt8])
        /// One piece at every interval, for ever.
        case drip([UInt8], every: Duration)
        /// Closes the connection; left out, it stays open.
        case close
        /// Closes so that the peer sees "connection reset".
        case reset
    }

    public let port: Int
    private let requests: Requests

    /// Request heads in the order they arrived.
    public var received: [String] { requests.list.withLock { $0 } }

    public func address(_ path: String = "/", host: String = "127.0.0.1", scheme: String = "http") -> String {
        "\(scheme)://\(host):\(port)\(path)"
    }

    /// Runs a site for the duration of `body`. `answer` gets the request head.
    public static func run<Value>(
        certificate: NIOSSLContext? = nil,
        _ answer: @escaping @Sendable (_ request: String) -> [Step],
        while body: (ScriptedSite) async throws -> Value
    ) async throws -> Value {
        let requests = Requests()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let certificate {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLServerHandler(context: certificate))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ScriptHandler(requests: requests, answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let site = ScriptedSite(port: server.localAddress?.port ?? 0, requests: requests)
        do {
            let value = try await body(site)
            try await server.close()
            return value
        } catch {
            try await server.close()
            throw error
        }
    }
}

extension [ScriptedSite.Step] {
    /// A well-formed answer with the right length.
    public static func page(
        _ body: String, type: String? = "text/html; charset=utf-8", status: String = "200 OK",
        headers: [String] = []
    ) -> Self {
        page([UInt8](body.utf8), type: type, status: status, headers: headers)
    }

    public static func page(
        _ body: [UInt8], type: String? = "text/html; charset=utf-8", status: String = "200 OK",
        headers: [String] = []
    ) -> Self {
        let typeLine = type.map { ["Content-Type: \($0)"] } ?? []
        let lines = typeLine + headers + ["Content-Length: \(body.count)"]
        return head(lines, status: status) + [.send(body), .close]
    }

    public static func head(_ lines: [String], status: String = "200 OK") -> Self {
        raw((["HTTP/1.1 \(status)"] + lines).joined(separator: "\r\n") + "\r\n\r\n")
    }

    public static func raw(_ text: String) -> Self { [.send([UInt8](text.utf8))] }

    public static func redirect(to location: String, status: String = "302 Found", headers: [String] = []) -> Self {
        page("moved", status: status, headers: ["Location: \(location)"] + headers)
    }
}

private final class Requests: Sendable {
    let list = Mutex<[String]>([])
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let requests: Requests
    private let answer: @Sendable (String) -> [ScriptedSite.Step]
    private var head = ""

    init(requests: Requests, answer: @escaping @Sendable (String) -> [ScriptedSite.Step]) {
        self.requests = requests
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        head += String(buffer: unwrapInboundIn(data))
        guard head.contains("\r\n\r\n") else { return }
        let request = head
        head = ""
        requests.list.withLock { $0.append(request) }
        play(answer(request)[...], on: context.channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func play(_ steps: ArraySlice<ScriptedSite.Step>, on channel: any Channel) {
        guard let step = steps.first, channel.isActive else { return }
        let rest = steps.dropFirst()
        let eventLoop = channel.eventLoop
        switch step {
        case .send(let bytes):
            let play = NIOLoopBound({ self.play(rest, on: channel) }, eventLoop: eventLoop)
            channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenSuccess { play.value() }
        case .pause(let duration):
            eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) {
                self.play(rest, on: channel)
            }
        case .endless(let bytes):
            // Through the event loop, as a write may succeed at once and the stack is finite.
            play([.send(bytes), .pause(.zero), .endless(bytes)], on: channel)
        case .drip(let bytes, let interval):
            play([.send(bytes), .pause(interval), .drip(bytes, every: interval)], on: channel)
        case .close:
            channel.close(promise: nil)
        case .reset:
            let provider = channel as? any SocketOptionProvider
            let lingerOff = linger(l_onoff: 1, l_linger: 0)
            (provider?.setSoLinger(lingerOff) ?? eventLoop.makeSucceededVoidFuture())
                .whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
