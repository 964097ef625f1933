import Reading
import Testing

@Suite("addresses hold for any input")
struct AddressPropertyTests {
    private static let pieces = [
        "http:", "https:", "file:", "ftp:", "sc:", "mailto:", "//", "/", "\\", "?", "#", "@", ":", ".", "..", "%",
        "%2e",
        "%2F", "%25", "%zz", "%c3%a9", "é", "ß", "☕", "xn--", "xn--zca", "\u{200D}", "。", "a", "B", "www.", "1", "0x",
        "256",
        "127.0.0.1", "[::1]", "[", "]", "example.com", "co.uk", "localhost", "C|", ":80", ":443", ":65536", " ", "\t",
        "'",
        "^", "|", "&", "=", "+", ";", ";jsessionid=1", "(S(x))", "index.html", "utm_source=x", "a=1", "b=",
        "sid=0123456789abcdef0123",
        "#/r?a=1", "#!x", "youtu.be/dQw4w9WgXcQ", "www.youtube.com/watch?v=",
        "en.m.wikipedia.org/w/index.php?title=a b",
        "www.google.com/url?q=", "https%3A%2F%2F", "l.facebook.com/l.php?u=", "old.reddit.com/r/A/comments/b/c",
        "x.com/a/status/1",
        "urldefense.com/v3/__https://", "__;!!", "cdn.ampproject.org/c/s/", "amazon.de/x/dp/B08N5WRWNW/ref=1",
        "medium.com/@a/t-abc123def456",
        "href.li/?", "github.com/A/B.git", "bbc.co.uk/news/x", "stackoverflow.com/q/1/2", "doi.org/10.1/A",
        "open.substack.com/pub/a b/p/c", "\u{0}", "\u{FFFD}",
    ]

    private func sample(_ generator: inout SplitMix) -> String {
        (0..<Int.random(in: 1...8, using: &generator)).map { _ in Self.pieces.randomElement(using: &generator) ?? "" }
            .joined()
    }

    @Test("a parsed address parses to itself, and its key has itself as its key", arguments: [1, 2, 3, 4] as [UInt64])
    func idempotence(seed: UInt64) {
        var generator = SplitMix(state: seed)
        for _ in 0..<1_500 {
            let text = (Bool.random(using: &generator) ? "https://" : "") + sample(&generator)
            guard let url = WebURL(text) else { continue }
            #expect(WebURL(url.href)?.href == url.href, "\(text.debugDescription)")
            guard let key = URLIdentity.key(of: url) else { continue }
            #expect(WebURL(key.href) == key && key.scheme == "https", "\(text.debugDescription)")
            #expect(URLIdentity.key(of: key) == key, "\(text.debugDescription)")
            #expect(
                WebURL(key.href)?.path == key.path && WebURL(key.href)?.query == key.query, "\(text.debugDescription)")
        }
    }

    @Test("random bytes never stop the parser")
    func randomBytes() {
        var generator = SplitMix(state: 5)
        let base = WebURL("https://example.com/a/b?c")
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            for url in [
                WebURL(text), WebURL(text, base: base), WebURL("http://" + text), WebURL("file:" + text),
                WebURL(pasted: text),
            ] {
                guard let url else { continue }
                #expect(WebURL(url.href) == url)
                _ = URLIdentity.key(of: url).map { #expect(URLIdentity.key(of: $0) == $0) }
            }
        }
    }

    @Test("wrappers inside of wrappers are followed to a depth, and beyond it left alone")
    func deepWrappers() throws {
        let few = String(repeating: "https://href.li/?", count: 10) + "https://example.com/x"
        #expect(URLIdentity.key(of: few)?.href == "https://example.com/x")
        let many = String(repeating: "https://href.li/?", count: 400) + "https://example.com/x"
        let key = try #require(URLIdentity.key(of: many))
        #expect(key.hostname == "href.li")
        #expect(URLIdentity.key(of: key) == key)
    }

    @Test("a very long address is parsed, a very long domain refused")
    func longAddresses() {
        let path = String(repeating: "a/../%7e", count: 100_000)
        #expect(URLIdentity.key(of: "https://example.com/\(path)") != nil)
        #expect(WebURL("https://\(String(repeating: "é", count: 5_000)).example/") == nil)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
