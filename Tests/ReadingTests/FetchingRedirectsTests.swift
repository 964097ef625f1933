import NIOHTTP1
import TestSupport
import Testing

@testable import Reading

@Suite("Following redirects", .timeLimit(.minutes(1)))
struct FetchingRedirectsTests {
    /// A site where `/5` redirects to `/4` and so on, down to the page `/0`.
    private static let countdown: @Sendable (String) -> [ScriptedSite.Step] = { request in
        let path = request.split(separator: " ")[1].dropFirst()
        let left = Int(path) ?? 0
        return left == 0 ? .page("arrived") : .redirect(to: "\(left - 1)")
    }

    @Test("five redirects are followed, and the way is remembered")
    func five() async throws {
        try await ScriptedSite.run(Self.countdown) { site in
            let page = try await PageFetcher.local().fetch(site.url("/5"))
            #expect(page.text == "arrived")
            #expect(page.url == site.url("/0"))
            #expect(page.redirects == (1...5).reversed().map { site.url("/\($0)") })
        }
    }

    @Test("six are too many")
    func six() async throws {
        try await ScriptedSite.run(Self.countdown) { site in
            let failure = await (try PageFetcher.local()).failure(fetching: site.url("/6"))
            #expect(failure?.kind == .tooManyRedirects)
            #expect(failure?.isFinal == true)
        }
    }

    @Test("a circle is noticed at once")
    func circle() async throws {
        try await ScriptedSite.run { _ in
            .redirect(to: "/")
        } while: { site in
            let failure = await (try PageFetcher.local()).failure(fetching: site.url())
            #expect(failure?.kind == .tooManyRedirects)
            #expect(site.received.count == 1)
        }
    }

    @Test("a site that wants its cookie back gets it, within this fetch only")
    func cookies() async throws {
        try await ScriptedSite.run { request in
            request.contains("\r\nCookie: seen=1\r\n")
                ? .page("welcome")
                : .redirect(to: "/", headers: ["Set-Cookie: seen=1; Path=/; HttpOnly", "Set-Cookie: x=y; Domain=com"])
        } while: { site in
            let fetcher = try PageFetcher.local()
            #expect(try await fetcher.fetch(site.url("/", host: "shop.example")).text == "welcome")
            _ = try await fetcher.fetch(site.url("/", host: "shop.example"))
            #expect(site.received.count == 4)
        }
    }

    @Test("another site does not get the cookie")
    func foreignCookies() async throws {
        try await ScriptedSite.run { request in
            request.contains("Host: a.example")
                ? .redirect(to: "//b.example:\(Self.port(of: request))/", headers: ["Set-Cookie: secret=1"])
                : .page(request)
        } while: { site in
            let page = try await PageFetcher.local().fetch(site.url("/", host: "a.example"))
            #expect(page.url.hostname == "b.example")
            #expect(page.text?.contains("secret") == false)
        }
    }

    @Test(
        "odd but usual locations are understood",
        arguments: [
            ("next?a=b", "/dir/next?a=b"), ("/a b", "/a%20b"), ("/grüße", "/gr%C3%BC%C3%9Fe"),
            ("../up", "/up"), ("?page=2", "/dir/start?page=2"), ("\\back\\slash", "/back/slash"),
            ("  /spaces  ", "/spaces"), ("/x#new", "/x#new"),
        ])
    func locations(_ location: String, _ expected: String) async throws {
        try await ScriptedSite.run { request in
            request.hasPrefix("GET /dir/start HTTP") ? .redirect(to: location) : .page("there")
        } while: { site in
            let page = try await PageFetcher.local().fetch(site.url("/dir/start"))
            #expect(page.url == site.url(expected))
        }
    }

    @Test("a redirect keeps the link's fragment")
    func fragment() async throws {
        try await ScriptedSite.run { request in
            request.hasPrefix("GET /old HTTP") ? .redirect(to: "/new", status: "308 Permanent Redirect") : .page("x")
        } while: { site in
            let page = try await PageFetcher.local().fetch(site.url("/old#chapter"))
            #expect(page.url == site.url("/new#chapter"))
        }
    }

    @Test("a redirect to nowhere is final", arguments: ["", "http://", "http://[bad/", "https://exa mple.com/"])
    func nowhere(_ location: String) async throws {
        try await ScriptedSite.run { _ in
            .redirect(to: location)
        } while: { site in
            let failure = await (try PageFetcher.local()).failure(fetching: site.url())
            #expect(failure?.kind == .badRedirect)
            #expect(failure?.isFinal == true)
        }
    }

    @Test("cookies follow the rules for domains, security and removal")
    func cookieRules() {
        var jar = CookieJar()
        jar.store(
            ["Set-Cookie": "own=1", "set-cookie": "wide=2; Domain=.shop.example; Path=/"],
            host: "www.shop.example")
        jar.store(["Set-Cookie": "safe=3; Secure"], host: "www.shop.example")
        jar.store(["Set-Cookie": "foreign=4; Domain=other.example"], host: "www.shop.example")
        jar.store(["Set-Cookie": "=nameless"], host: "www.shop.example")
        jar.store(["Set-Cookie": "split=a\u{1}b"], host: "www.shop.example")
        #expect(jar.header(host: "www.shop.example", isSecure: false) == "own=1; wide=2")
        #expect(jar.header(host: "www.shop.example", isSecure: true) == "own=1; safe=3; wide=2")
        #expect(jar.header(host: "api.shop.example", isSecure: true) == "wide=2")
        #expect(jar.header(host: "evilshop.example", isSecure: true) == nil)
        jar.store(["Set-Cookie": "own=; Max-Age=0"], host: "www.shop.example")
        #expect(jar.header(host: "www.shop.example", isSecure: false) == "wide=2")
    }

    @Test("a site cannot fill the jar")
    func cookieFlood() {
        var jar = CookieJar()
        for number in 0..<500 { jar.store(["Set-Cookie": "c\(number)=1"], host: "a.example") }
        let sent = jar.header(host: "a.example", isSecure: false)?.split(separator: ";").count
        #expect(sent == 32)
    }

    private static func port(of request: String) -> String {
        let host = request.split(separator: "\r\n").first { $0.hasPrefix("Host: ") } ?? ""
        return String(host.split(separator: ":").last ?? "")
    }
}
