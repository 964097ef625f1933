import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

@testable import HTTPSupport

@Suite("Event streams", .timeLimit(.minutes(1)))
struct EventStreamTests {
    @Test(
        "an event is written field by field, its lines kept",
        arguments: [
            (ServerSentEvent(data: "hello"), "data: hello\n\n"),
            (
                ServerSentEvent(id: "7", event: "progress", data: "a\nb\r\nc\rd"),
                "id: 7\nevent: progress\ndata: a\ndata: b\ndata: c\ndata: d\n\n"
            ),
            (ServerSentEvent(id: "1\ndata: forged", event: "x\r\ny", data: ""), "id: 1\nevent: x\ndata: \n\n"),
            (ServerSentEvent(data: "end\n"), "data: end\ndata: \n\n"),
        ])
    func format(event: ServerSentEvent, text: String) {
        var buffer = ByteBuffer()
        event.write(into: &buffer)
        #expect(String(buffer: buffer) == text)
    }

    @Test("events arrive as they come and the stream ends with them")
    func finite() async throws {
        try await withServer(routes: {
            $0.get("/events") { _, context in
                let events = AsyncStream<ServerSentEvent> { continuation in
                    for number in 1...3 { continuation.yield(ServerSentEvent(id: "\(number)", data: "n\(number)")) }
                    continuation.finish()
                }
                return Response.eventStream(events, context: context)
            }
        }) {
            let answer = try await $0.execute(uri: "/events", method: .get)
            #expect(answer.headers[.contentType] == "text/event-stream; charset=utf-8")
            #expect(answer.headers[.xAccelBuffering] == "no" && answer.headers[.cacheControl] == "no-store")
            #expect(answer.text == ":\n\nid: 1\ndata: n1\n\nid: 2\ndata: n2\n\nid: 3\ndata: n3\n\n")
        }
    }

    @Test("data can be JSON")
    func json() throws {
        #expect(try ServerSentEvent(event: "progress", json: ["done": 3]).data == #"{"done":3}"#)
    }

    @Test("a quiet stream is kept alive by comments")
    func keepAlive() async throws {
        try await streaming(keepAlive: .milliseconds(20)) { connection, _ in
            for _ in 1...4 {
                let received = try await connection.read(through: ":\n\n")
                #expect(received.hasSuffix(":\n\n"))
            }
        }
    }

    @Test("a stream ends when its client goes away, though nothing happens on it")
    func clientGone() async throws {
        let ended = Ending()
        try await streaming(ended: ended) { connection, _ in
            #expect(try await connection.read(through: ":\n\n").contains("200 OK"))
            connection.closeOutput()
            _ = try await connection.readToEnd()
            await ended.wait()
        }
    }

    @Test("a stream ends when the server shuts down")
    func shutdown() async throws {
        let ended = Ending()
        let kept = Mutex<Task<String, any Error>?>(nil)
        try await streaming(ended: ended) { connection, port in
            let opened = Ending()
            let task = Task {
                try await RawConnection.open(port: port) { other in
                    try await other.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = try await other.read(through: ":\n\n")
                    opened.finish()
                    return try await other.readToEnd()
                }
            }
            kept.withLock { $0 = task }
            await opened.wait()
        }
        await ended.wait()
        let rest = try await kept.withLock { $0 }?.value
        #expect(rest?.contains("0\r\n\r\n") == true)
    }

    /// Opens `/events`, a stream on which nothing ever happens.
    private func streaming(
        keepAlive: Duration = .seconds(15), ended: Ending = Ending(),
        _ use: @escaping @Sendable (inout RawConnection, Int) async throws -> Void
    ) async throws {
        try await withServer(
            .live, server: .api(),
            routes: {
                $0.get("/events") { _, context in
                    let events = AsyncStream<ServerSentEvent> { $0.onTermination = { _ in ended.finish() } }
                    return Response.eventStream(events, keepAlive: keepAlive, context: context)
                }
            }
        ) { client in
            let port = try #require(client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                try await use(&connection, port)
            }
        }
    }
}

/// Something that a test waits for.
final class Ending: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func finish() { continuation.finish() }
    func wait() async { for await _ in stream {} }
}
