import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import Reading

@Suite("The fetcher opens no address it should not")
struct FetchingSafetyTests {
    private func strict(_ resolver: HostResolver) throws -> PageFetcher {
        try .local(resolver: resolver) { $0.allowPrivate = false }
    }

    @Test(
        "private addresses are refused however they are written",
        arguments: [
            "http://127.0.0.1/", "http://127.1/", "http://0x7f000001/", "http://2130706433/",
            "http://0177.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://localhost/",
            "http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/",
            "http://10.0.0.1:8080/", "http://example.com:25/", "https://intranet/",
            "http://127.0.0.1./", "http://user:secret@192.168.0.1/",
        ])
    func refused(_ link: String) async throws {
        let fetcher = try strict(.fixed(["93.184.215.14"]))
        let url = try #require(WebURL(link))
        let failure = await fetcher.failure(fetching: url)
        #expect(failure?.kind == .refusedAddress)
        #expect(failure?.isFinal == true)
    }

    @Test("other schemes are refused", arguments: ["ftp://example.com/", "file:///etc/passwd", "data:,x"])
    func schemes(_ link: String) async throws {
        let url = try #require(WebURL(link))
        let failure = await (try strict(.fixed(["93.184.215.14"]))).failure(fetching: url)
        #expect(failure?.kind == .unsupportedScheme)
    }

    @Test("a name that resolves only to private addresses is refused")
    func privateName() async throws {
        let url = try #require(WebURL("http://rebound.example/"))
        let failure = await (try strict(.fixed(["127.0.0.1", "::1"]))).failure(fetching: url)
        #expect(failure?.kind == .refusedAddress)
    }

    @Test("of mixed addresses only permitted ones are tried")
    func mixedAddresses() async throws {
        try await ScriptedSite.run { _ in
            .page("here")
        } while: { site in
            // The first two are never opened: an attempt would end in a timeout.
            let resolver = HostResolver.fixed(["169.254.169.254", "0.0.0.0", "127.0.0.1"])
            let page = try await PageFetcher.local(resolver: resolver)
                .fetch(site.url("/", host: "mixed.example"))
            #expect(page.text == "here")
        }
    }

    @Test("a redirect to a closed address is refused, though the first address was open")
    func redirectToClosed() async throws {
        try await ScriptedSite.run { _ in
            .redirect(to: "http://169.254.169.254/latest/meta-data/")
        } while: { site in
            let failure = await (try PageFetcher.local()).failure(fetching: site.url())
            #expect(failure?.kind == .refusedAddress)
        }
    }

    @Test("a name is checked again at every redirect, so rebinding it gains nothing")
    func rebinding() async throws {
        try await ScriptedSite.run { _ in
            .redirect(to: "/again")
        } while: { site in
            let lookups = Mutex(0)
            let resolver = HostResolver { _, _, eventLoop in
                let count = lookups.withLock { count in
                    count += 1
                    return count
                }
                let address = count == 1 ? "127.0.0.1" : "169.254.169.254"
                return eventLoop.makeSucceededFuture([address].compactMap { IPAddress($0) })
            }
            let failure = await (try PageFetcher.local(resolver: resolver))
                .failure(fetching: site.url("/", host: "rebound.example"))
            #expect(failure?.kind == .refusedAddress)
            #expect(lookups.withLock { $0 } == 2)
            #expect(site.received.count == 1)
        }
    }

    @Test(
        "a redirect that leaves the web is refused",
        arguments: ["file:///etc/passwd", "javascript:alert(1)", "ftp://127.0.0.1/"])
    func redirectToOtherScheme(_ location: String) async throws {
        try await ScriptedSite.run { _ in
            .redirect(to: location)
        } while: { site in
            let failure = await (try PageFetcher.local()).failure(fetching: site.url())
            #expect(failure?.kind == .unsupportedScheme)
        }
    }

    @Test("a user name and password in the link are not sent")
    func userInfo() async throws {
        try await ScriptedSite.run { _ in
            .page("ok")
        } while: { site in
            let url = try #require(WebURL("http://ada:secret@127.0.0.1:\(site.port)/a?b=c#d"))
            _ = try await PageFetcher.local().fetch(url)
            let request = try #require(site.received.first)
            #expect(request.hasPrefix("GET /a?b=c HTTP/1.1\r\n"))
            #expect(!request.lowercased().contains("authorization"))
            #expect(!request.contains("secret"))
        }
    }

    @Test("a name nobody knows is final, a failed lookup is not")
    func lookups() async throws {
        let url = try #require(WebURL("http://gone.example/"))
        for (failure, kind, isFinal) in [
            (HostResolver.Failure.unknownName, FetchFailure.Kind.unknownHost, true),
            (.temporary, .lookupFailed, false),
        ] {
            let resolver = HostResolver { _, _, eventLoop in eventLoop.makeFailedFuture(failure) }
            let found = await (try PageFetcher.local(resolver: resolver)).failure(fetching: url)
            #expect(found?.kind == kind)
            #expect(found?.isFinal == isFinal)
        }
        let none = await (try PageFetcher.local(resolver: .fixed([]))).failure(fetching: url)
        #expect(none?.kind == .unknownHost)
    }

    @Test("the system's resolver finds this machine, and is done with after a shutdown")
    func liveResolver() async throws {
        try await ScriptedSite.run { _ in
            .page("home")
        } while: { site in
            var configuration = FetchConfiguration(version: "test")
            configuration.allowPrivate = true
            let fetcher = try PageFetcher(
                configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            #expect(try await fetcher.fetch(site.url("/", host: "localhost")).text == "home")
            await fetcher.shutdown()
            let failure = await fetcher.failure(fetching: site.url("/", host: "localhost"))
            #expect(failure?.isFinal == false)
        }
    }
}
