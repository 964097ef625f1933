import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import NIOCore
import Testing

@testable import HTTPSupport

@Suite("Connections", .timeLimit(.minutes(1)))
struct HTTPChannelTests {
    /// Patient in everything but what a test is about.
    private static func limits(_ change: (inout ConnectionLimits) -> Void) -> ConnectionLimits {
        var limits = ConnectionLimits()
        change(&limits)
        return limits
    }

    /// `/hello` greets, `/echo` gives the body back, `/stream` answers without a length.
    private func connect(
        limits: ConnectionLimits = ConnectionLimits(),
        _ use: @escaping @Sendable (inout RawConnection) async throws -> Void
    ) async throws {
        try await withServer(.live, server: .api(limits: limits), routes: Self.routes) { client in
            let port = try #require(client.port)
            try await RawConnection.open(port: port, use)
        }
    }

    private static func routes(_ router: Router<APIContext>) {
        router.get("/hello") { _, _ in "hello" }
        router.post("/echo") { request, _ in
            Response(status: .ok, body: .init(byteBuffer: try await request.collectBytes(limit: 1000)))
        }
        router.post("/refuse") { _, _ -> String in throw Problem.unauthorized() }
        router.get("/stream") { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    try await writer.write(ByteBuffer(string: "one "))
                    try await writer.write(ByteBuffer(string: "two"))
                    try await writer.finish(nil)
                })
        }
        router.get("/empty") { _, _ in Response(status: .noContent) }
    }

    @Test("requests sent at once are answered in order")
    func pipelining() async throws {
        try await connect { connection in
            try await connection.send(
                "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nping"
                    + "GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answers = try await connection.readToEnd()
            #expect(answers.ranges(of: "HTTP/1.1 200 OK").count == 3)
            let hello = try #require(answers.firstRange(of: "hello"))
            let ping = try #require(answers.firstRange(of: "ping"))
            #expect(hello.lowerBound < ping.lowerBound)
            #expect(answers.hasSuffix("4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"))
        }
    }

    @Test(
        "an upgrade that nobody takes up is an ordinary request, and the connection goes on",
        arguments: [
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
            "Connection: keep-alive\r\nConnection: upgrade\r\nUpgrade: something",
            "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13",
            "Connection: upgrade", "Upgrade: h2c", "Connection: upgrade\r\nUpgrade: ",
        ])
    func refusedUpgrade(headers: String) async throws {
        try await connect { connection in
            for _ in 1...2 {
                try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n")
                #expect(try await connection.read(through: "hello").contains("200 OK"))
            }
            try await connection.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\n\(headers)\r\nContent-Length: 4\r\n\r\nping"
                    + "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let rest = try await connection.readToEnd()
            #expect(rest.contains("ping"))
            #expect(rest.hasSuffix("hello"))
        }
    }

    @Test("HTTP/1.0 clients get plain bodies and the end of the connection")
    func http10() async throws {
        try await connect { connection in
            try await connection.send("GET /stream HTTP/1.0\r\n\r\n")
            let answer = try await connection.readToEnd()
            #expect(answer.lowercased().contains("connection: close"))
            #expect(!answer.lowercased().contains("chunked"))
            #expect(answer.hasSuffix("\r\n\r\none two"))
        }
        try await connect { connection in
            try await connection.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try await connection.read(through: "hello").lowercased().contains("connection: keep-alive"))
            try await connection.send("GET /hello HTTP/1.0\r\n\r\n")
            #expect(try await connection.readToEnd().hasSuffix("hello"))
        }
    }

    @Test("a client that waits for leave to send its body is given it")
    func expectContinue() async throws {
        try await connect { connection in
            try await connection.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await connection.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await connection.send("ping")
            #expect(try await connection.read(through: "ping").contains("200 OK"))
        }
    }

    @Test("HEAD answers as GET without the body, of known length or not")
    func head() async throws {
        try await connect { connection in
            try await connection.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await connection.read(through: "\r\n\r\n").lowercased().contains("content-length: 5"))
            try await connection.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            let streamed = try await connection.read(through: "\r\n\r\n").lowercased()
            #expect(streamed.contains("200 ok"))
            #expect(!streamed.contains("content-length"))
            try await connection.send("GET /empty HTTP/1.1\r\nHost: a\r\n\r\n")
            let empty = try await connection.read(through: "\r\n\r\n").lowercased()
            #expect(empty.hasPrefix("http/1.1 204") && !empty.contains("content-length"))
            try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n")
            #expect(try await connection.readToEnd().hasSuffix("hello"))
        }
    }

    @Test("bodies in chunks, byte by byte, with trailers")
    func chunkedBody() async throws {
        try await connect { connection in
            let request =
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n"
            for byte in request { try await connection.send(String(byte)) }
            #expect(try await connection.read(through: "abcde").contains("200 OK"))
        }
    }

    @Test(
        "what is no request is told so, and the connection ends",
        arguments: [
            ("nonsense\r\n\r\n", "400"), ("GET /hello HTTP/3.7\r\n\r\n", "505"),
            ("GET /hello HTTP/1.1\r\nBad Header: x\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 90_000) + "\r\n\r\n", "431"),
            ("GET /" + String(repeating: "a", count: 90_000) + " HTTP/1.1\r\n\r\n", "431"),
            ("GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 101) + "\r\n", "431"),
            ("POST /echo HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
            ("POST /echo HTTP/1.1\r\nContent-Length: -5\r\n\r\n", "400"),
        ])
    func malformed(bytes: String, status: String) async throws {
        try await connect { connection in
            try await connection.send(bytes)
            let answer = try await connection.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.contains(#""request_id":""#))
        }
    }

    @Test("a request broken in its body is refused, after those before it were answered")
    func malformedBody() async throws {
        try await connect { connection in
            try await connection.send(
                "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n")
            #expect(try await connection.read(through: "hello").contains("200 OK"))
            let refused = try await connection.readToEnd()
            #expect(refused.hasPrefix("HTTP/1.1 400 "))
            #expect(refused.ranges(of: "HTTP/1.1").count == 1)
        }
        try await connect { connection in
            try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")
            let answers = try await connection.readToEnd()
            #expect(answers.hasPrefix("HTTP/1.1 200 OK"))
            #expect(answers.contains("hello"))
            #expect(answers.contains("HTTP/1.1 400 "))
        }
    }

    @Test("an answer before a large body ends the connection; before a small one it goes on")
    func earlyAnswer() async throws {
        try await connect { connection in
            try await connection.send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nabc")
            let answer = try await connection.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 401 "))
            #expect(answer.lowercased().contains("connection: close"))
        }
        try await connect { connection in
            try await connection.send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
            #expect(try await connection.read(through: "}").hasPrefix("HTTP/1.1 401 "))
            try await connection.send("defGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await connection.read(through: "hello").contains("200 OK"))
        }
    }

    @Test("a body over its limit is a 413, announced or not")
    func tooLarge() async throws {
        try await connect { connection in
            try await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
            #expect(try await connection.read(through: "}").hasPrefix("HTTP/1.1 413 "))
        }
        try await connect { connection in
            try await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n")
            try await connection.send(String(repeating: "a", count: 2000))
            #expect(try await connection.read(through: "}").hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test(
        "who is too slow is not waited for",
        arguments: ["", "GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: ", "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"])
    func slowHead(sent: String) async throws {
        let impatient = Self.limits {
            $0.firstHead = .milliseconds(200)
            $0.idle = .milliseconds(300)
        }
        try await connect(limits: impatient) { connection in
            try await connection.send(sent)
            _ = try await connection.readToEnd()
        }
    }

    @Test("a body that trickles in is a 408")
    func slowBody() async throws {
        try await connect(limits: Self.limits { $0.bodySpan = .milliseconds(200) }) { connection in
            try await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nabc")
            let answer = try await connection.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test("a client that takes nothing is let go, and its route with it")
    func stalledReader() async throws {
        let ended = Ending()
        try await withServer(
            .live, server: .api(limits: Self.limits { $0.stalledWrite = .milliseconds(400) }),
            routes: {
                $0.get("/endless") { _, _ in
                    Response(
                        status: .ok,
                        body: .init { writer in
                            defer { ended.finish() }
                            let piece = ByteBuffer(repeating: 0x2A, count: 1 << 20)
                            while true { try await writer.write(piece) }
                        })
                }
            }
        ) { client in
            let port = try #require(client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
                await ended.wait()
            }
        }
    }

    @Test("OPTIONS * and addresses given in full are understood")
    func targets() async throws {
        try await connect { connection in
            try await connection.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await connection.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 204 "))
            try await connection.send("GET http://a.example/hello?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await connection.read(through: "hello").contains("200 OK"))
            try await connection.send("GET http://a.example HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await connection.read(through: "}").hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test("a thousand connections at once")
    func manyConnections() async throws {
        try await withServer(.live, server: .api(), routes: Self.routes) { client in
            let port = try #require(client.port)
            try await withThrowingTaskGroup { group in
                for _ in 1...1000 {
                    group.addTask {
                        try await RawConnection.open(port: port) { connection in
                            for _ in 1...3 {
                                try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                                #expect(try await connection.read(through: "hello").contains("200 OK"))
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
