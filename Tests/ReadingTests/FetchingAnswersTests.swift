import FoundationEssentials
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import Reading

@Suite("What the fetcher makes of a site's answer", .timeLimit(.minutes(1)))
struct FetchingAnswersTests {
    private func page(_ steps: [ScriptedSite.Step]) async throws -> FetchedPage {
        try await ScriptedSite.run { _ in
            steps
        } while: {
            try await PageFetcher.local().fetch($0.url())
        }
    }

    private func failure(_ steps: [ScriptedSite.Step]) async throws -> FetchFailure? {
        try await ScriptedSite.run { _ in
            steps
        } while: { site in
            await (try PageFetcher.local()).failure(fetching: site.url())
        }
    }

    @Test("an honest request brings a page")
    func plainPage() async throws {
        try await ScriptedSite.run { _ in
            .page("<p>Grüße</p>")
        } while: { site in
            let page = try await PageFetcher.local().fetch(site.url("/a%20b?q=1#part"))
            #expect(page.text == "<p>Grüße</p>")
            #expect(page.mediaType == "text/html")
            #expect(page.charset == "utf-8")
            #expect(page.status == 200)
            #expect(!page.isTruncated)
            let request = try #require(site.received.first)
            #expect(request.hasPrefix("GET /a%20b?q=1 HTTP/1.1\r\n"))
            #expect(request.contains("\r\nHost: 127.0.0.1:\(site.port)\r\n"))
            #expect(request.contains("\r\nUser-Agent: Fuze/test (+https://"))
            #expect(request.contains("\r\nAccept-Encoding: gzip, deflate\r\n"))
        }
    }

    @Test(
        "packed pages are unpacked, whatever the header calls them",
        arguments: [
            ("gzip", Packed.gzip), ("x-gzip", Packed.gzip), ("deflate", Packed.zlib),
            ("deflate", Packed.rawDeflate), ("GZIP", Packed.gzip), ("identity", { $0 }),
            ("gzip", { $0 }),
        ] as [(String, @Sendable ([UInt8]) -> [UInt8])])
    func packed(_ encoding: String, _ pack: @Sendable ([UInt8]) -> [UInt8]) async throws {
        let text = "<p>\(String(repeating: "many words ", count: 9_000))</p>"
        let answer = [ScriptedSite.Step].page(
            pack([UInt8](text.utf8)), headers: ["Content-Encoding: \(encoding)"])
        #expect(try await page(answer).text == text)
    }

    @Test("gzip members that follow one another, and padding after them, are one page")
    func gzipMembers() async throws {
        let body = Packed.gzip([UInt8]("one ".utf8)) + Packed.gzip([UInt8]("two".utf8)) + [0, 0, 0]
        #expect(try await page(.page(body, headers: ["Content-Encoding: gzip"])).text == "one two")
    }

    @Test("an encoding that was not offered, or damaged data, is a failure")
    func badEncodings() async throws {
        let brotli = try await failure(.page("x", headers: ["Content-Encoding: br"]))
        #expect(brotli?.kind == .badEncoding)
        var damaged = Packed.gzip([UInt8](repeating: 7, count: 5_000) + [1, 2, 3])
        for index in 12..<damaged.count { damaged[index] ^= 0x5A }
        let broken = try await failure(.page(damaged, headers: ["Content-Encoding: gzip"]))
        #expect(broken?.kind == .badEncoding)
    }

    @Test("chunks, lengths and a closing connection all end a body")
    func framing() async throws {
        let chunked = try await page(
            .head(["Content-Type: text/plain", "Transfer-Encoding: chunked"])
                + .raw("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: 1\r\n\r\n"))
        #expect(chunked.text == "hello world")
        let closed = try await page(.head(["Content-Type: text/plain"]) + .raw("to the end") + [.close])
        #expect(closed.text == "to the end")
        #expect(!closed.isTruncated)
        let old = try await page(.raw("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold") + [.close])
        #expect(old.text == "old")
    }

    @Test("bytes after the announced length are no part of the page")
    func surplus() async throws {
        let answer = try await page(
            .head(["Content-Type: text/plain", "Content-Length: 4"]) + .raw("pagegarbage") + [.close])
        #expect(answer.text == "page")
    }

    @Test("the text of a page that ends early is kept and marked")
    func endsEarly() async throws {
        let short = try await page(
            .head(["Content-Type: text/html", "Content-Length: 900"]) + .raw("<p>half") + [.close])
        #expect(short.text == "<p>half")
        #expect(short.isTruncated)
        let chunked = try await page(
            .head(["Content-Type: text/html", "Transfer-Encoding: chunked"]) + .raw("5\r\nhello\r\n")
                + [.close])
        #expect(chunked.text == "hello")
        #expect(chunked.isTruncated)
        let packed = Packed.gzip((0..<9_000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) % 26 + 97 })
        let gzip = try await page(
            .head(["Content-Type: text/html", "Content-Encoding: gzip", "Content-Length: \(packed.count)"])
                + [.send([UInt8](packed.prefix(packed.count / 2))), .close])
        #expect(gzip.isTruncated)
        #expect(!gzip.body.isEmpty)
    }

    @Test("half a file that is no text is of no use")
    func halfAnImage() async throws {
        let answer = try await failure(
            .head(["Content-Type: image/png", "Content-Length: 900"]) + .raw("half") + [.close])
        #expect(answer?.kind == .badResponse)
    }

    @Test("an answer that is no HTTP is a failure worth another try")
    func garbage() async throws {
        for steps in [
            .raw("<html>HTTP/0.9 page</html>") + [.close], .raw("SSH-2.0-OpenSSH_9.2\r\n"),
            .raw("HTTP/9.9 200 OK\r\n\r\n"), [.close],
            .head(["Content-Length: 3, 4"]) + .raw("abc") + [.close],
            .head(["Content-Length: x"]) + [.close], .head(["Transfer-Encoding: chunked"]) + .raw("zz\r\n"),
        ] as [[ScriptedSite.Step]] {
            let failure = try await failure(steps)
            #expect(failure?.kind == .badResponse)
            #expect(failure?.isFinal == false)
        }
    }

    @Test("a connection that is reset is a failure worth another try")
    func reset() async throws {
        let before = try await failure([.reset])
        #expect(before?.isFinal == false)
        let within = try await failure(
            .head(["Content-Type: text/html", "Content-Length: 900"]) + .raw("<p>half") + [.reset])
        #expect(within == nil || within?.kind == .badResponse)
    }

    @Test("answers on the way (1xx) are passed over")
    func informational() async throws {
        let answer = try await page(
            .raw("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n") + .page("after"))
        #expect(answer.text == "after")
    }

    @Test(
        "a status says whether another try can help",
        arguments: [
            ("404 Not Found", true), ("410 Gone", true), ("401 Unauthorized", true),
            ("403 Forbidden", true), ("451 Withheld", true), ("400 Bad Request", true),
            ("408 Request Timeout", false), ("429 Too Many Requests", false), ("425 Too Early", false),
            ("500 Internal Server Error", false), ("502 Bad Gateway", false),
            ("503 Service Unavailable", false), ("501 Not Implemented", true), ("204 No Content", true),
            ("304 Not Modified", true), ("300 Multiple Choices", true), ("999 Denied", false),
        ])
    func statuses(_ status: String, _ isFinal: Bool) async throws {
        let found = try await failure(.head([], status: status) + [.close])
        #expect(found?.kind == .httpStatus(try #require(Int(status.prefix(3)))))
        #expect(found?.isFinal == isFinal)
        #expect(found?.message.hasSuffix(".") == true)
    }

    @Test("a site may say when to come back")
    func retryAfter() async throws {
        let seconds = try await failure(
            .head(["Retry-After: 120"], status: "429 Too Many Requests") + [.close])
        #expect(seconds?.retryAfter == .seconds(120))
        let past = try await failure(
            .head(["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"], status: "503 Busy") + [.close])
        #expect(past?.retryAfter == .zero)
        let nonsense = try await failure(.head(["Retry-After: soon"], status: "503 Busy") + [.close])
        #expect(nonsense?.retryAfter == nil)
    }

    @Test("a date to come back at is a time from now")
    func retryDate() {
        let now = Date(timeIntervalSince1970: 784_111_777 - 90)
        let headers: HTTPHeaders = ["Retry-After": " Sun, 06 Nov 1994 08:49:37 GMT "]
        #expect(RetryAfter.read(headers, at: now) == .seconds(90))
        #expect(RetryAfter.read(["Retry-After": "99999999999"], at: now) == .seconds(7 * 24 * 3600))
        #expect(RetryAfter.read(["Retry-After": "-5"], at: now) == nil)
        #expect(RetryAfter.read(["Retry-After": "Sun, 06 Foo 1994 08:49:37 GMT"], at: now) == nil)
        #expect(RetryAfter.read([:], at: now) == nil)
    }

    @Test("the kind is read from the bytes where the site does not say")
    func sniffing() async throws {
        let cases: [(String?, [UInt8], String)] = [
            (nil, [UInt8]("<!DOCTYPE html><p>".utf8), "text/html"),
            (nil, [UInt8]("  \n<HTML lang=en>".utf8), "text/html"),
            (nil, [UInt8]("<?xml version='1.0'?><rss/>".utf8), "text/xml"),
            (nil, [UInt8]("just words".utf8), "text/plain"),
            ("application/octet-stream", [UInt8]("%PDF-1.7".utf8), "application/pdf"),
            ("text/html", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"),
            ("text/plain; charset=utf-8", [UInt8]("<html>shown as text".utf8), "text/plain"),
            ("Text/HTML;charset=utf-8", [UInt8]("words".utf8), "text/html"),
            ("nonsense", [0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"),
            (nil, [0, 1, 2, 3], "application/octet-stream"),
            (nil, [UInt8]("RIFF....WEBPVP8".utf8), "image/webp"),
            ("application/octet-stream", [0, 0, 0, 24] + [UInt8]("ftypavif".utf8), "image/avif"),
            ("application/json", [UInt8]("{}".utf8), "application/json"),
        ]
        for (type, body, expected) in cases {
            #expect(try await page(.page(body, type: type)).mediaType == expected)
        }
    }

    @Test("an empty page is a page")
    func emptyPage() async throws {
        let answer = try await page(.page("", type: "text/html"))
        #expect(answer.text == "")
        #expect(answer.mediaType == "text/html")
    }
}
