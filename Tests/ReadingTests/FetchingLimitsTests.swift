import NIOCore
import TestSupport
import Testing

@testable import Reading

@Suite("No site can hold the fetcher up or fill its memory", .timeLimit(.minutes(1)))
struct FetchingLimitsTests {
    /// How long a fetch takes and how it fails.
    private func failure(
        from steps: [ScriptedSite.Step], timeout: Duration = .seconds(50), maxBytes: Int = 100_000
    ) async throws -> (FetchFailure?, Duration) {
        try await ScriptedSite.run { _ in
            steps
        } while: { site in
            let fetcher = try PageFetcher.local {
                $0.timeout = timeout
                $0.maxBytes = maxBytes
            }
            var failure: FetchFailure?
            let time = await ContinuousClock().measure {
                failure = await fetcher.failure(fetching: site.url())
            }
            return (failure, time)
        }
    }

    private func expectTimeout(_ steps: [ScriptedSite.Step]) async throws {
        let (failure, time) = try await failure(from: steps, timeout: .milliseconds(300))
        #expect(failure?.kind == .timeout)
        #expect(failure?.isFinal == false)
        #expect(time < .seconds(3))
    }

    @Test("a site that never answers ends at the deadline")
    func silence() async throws {
        try await expectTimeout([])
    }

    @Test("a body that drips ends at the deadline")
    func drippingBody() async throws {
        try await expectTimeout(
            .head(["Content-Type: text/html"]) + [.drip([65], every: .milliseconds(10))])
    }

    @Test("a header that drips ends at the deadline")
    func drippingHeader() async throws {
        try await expectTimeout(.raw("HTTP/1.1 200 OK\r\nX-A: ") + [.drip([65], every: .milliseconds(10))])
    }

    @Test("redirects share one deadline")
    func slowRedirects() async throws {
        try await ScriptedSite.run { _ in
            [.pause(.milliseconds(120))] + .redirect(to: "/\(Int.random(in: 0..<1_000_000))")
        } while: { site in
            let fetcher = try PageFetcher.local { $0.timeout = .milliseconds(300) }
            #expect(await fetcher.failure(fetching: site.url())?.kind == .timeout)
        }
    }

    @Test("a lookup that hangs ends at the deadline")
    func hangingLookup() async throws {
        let resolver = HostResolver { _, _, eventLoop in
            let never = eventLoop.makePromise(of: [IPAddress].self)
            eventLoop.scheduleTask(in: .seconds(2)) { never.succeed([]) }
            return never.futureResult
        }
        let fetcher = try PageFetcher.local(resolver: resolver) { $0.timeout = .milliseconds(200) }
        let url = try #require(WebURL("http://slow.example/"))
        #expect(await fetcher.failure(fetching: url)?.kind == .timeout)
    }

    @Test("a cancelled fetch ends at once and closes its connection")
    func cancellation() async throws {
        try await ScriptedSite.run { _ in
            []
        } while: { site in
            let fetcher = try PageFetcher.local { $0.timeout = .seconds(30) }
            let fetch = Task { await fetcher.failure(fetching: site.url()) }
            while site.received.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let time = await ContinuousClock().measure {
                fetch.cancel()
                #expect(await fetch.value?.kind == .cancelled)
            }
            #expect(time < .seconds(2))
        }
    }

    @Test("a body that never ends is stopped at the limit")
    func endlessBody() async throws {
        let (failure, _) = try await failure(
            from: .head(["Content-Type: text/html"]) + [.endless([UInt8](repeating: 65, count: 9_000))])
        #expect(failure?.kind == .tooLarge)
        #expect(failure?.isFinal == true)
    }

    @Test("a gzip bomb is stopped at the limit")
    func gzipBomb() async throws {
        let bomb = Packed.gzip([UInt8](repeating: 0x20, count: 20_000_000))
        #expect(bomb.count < 50_000)
        let (failure, _) = try await failure(
            from: .page(bomb, headers: ["Content-Encoding: gzip"]))
        #expect(failure?.kind == .tooLarge)
    }

    @Test("packed data that unpacks to nothing is counted as it travels")
    func emptyMembers() async throws {
        let nothing = [UInt8](repeatElement(Packed.gzip([]), count: 500).joined())
        let (failure, _) = try await failure(
            from: .head(["Content-Type: text/html", "Content-Encoding: gzip"]) + [.endless(nothing)],
            maxBytes: 5_000)
        #expect(failure?.kind == .tooLarge)
    }

    @Test("an announced length beyond the limit is refused without loading it")
    func announcedLength() async throws {
        let (failure, time) = try await failure(
            from: .head(["Content-Type: text/html", "Content-Length: 99999999999"])
                + [.send([UInt8](repeating: 65, count: 2_000))])
        #expect(failure?.kind == .tooLarge)
        #expect(time < .seconds(3))
    }

    @Test("headers without end are refused")
    func endlessHeaders() async throws {
        let line = [UInt8]("X-Filler: \(String(repeating: "a", count: 4_000))\r\n".utf8)
        let (many, _) = try await failure(from: .raw("HTTP/1.1 200 OK\r\n") + [.endless(line)])
        #expect(many?.kind == .badResponse)
        let letters = [UInt8](repeating: 97, count: 8_000)
        let (long, _) = try await failure(from: .raw("HTTP/1.1 200 OK\r\nX-A: ") + [.endless(letters)])
        #expect(long?.kind == .badResponse)
        let (reason, _) = try await failure(from: .raw("HTTP/1.1 200 ") + [.endless(letters)])
        #expect(reason?.kind == .badResponse)
    }

    @Test("a film is recognised and not loaded")
    func unreadKind() async throws {
        try await ScriptedSite.run { _ in
            .head(["Content-Type: video/mp4", "Content-Length: 4000000000"])
                + [.endless([UInt8](repeating: 1, count: 9_000))]
        } while: { site in
            let page = try await PageFetcher.local().fetch(site.url())
            #expect(page.mediaType == "video/mp4")
            #expect(page.isTruncated)
            #expect(page.text == nil)
            #expect(page.body.count < 200_000)
        }
    }

    @Test("a port where nobody listens is a failure worth another try")
    func closedPort() async throws {
        let url = try await ScriptedSite.run { _ in
            []
        } while: {
            $0.url()
        }
        let failure = await (try PageFetcher.local()).failure(fetching: url)
        #expect(failure?.kind == .connectFailed)
        #expect(failure?.isFinal == false)
    }
}
