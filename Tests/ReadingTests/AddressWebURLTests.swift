import Foundation
import Reading
import Testing

@Suite("addresses are parsed as browsers do")
struct AddressWebURLTests {
    @Test(
        "an absolute address is serialised in its canonical form",
        arguments: [
            ("HTTP://User:pa ss@EXAMPLE.com:80/a b?c d#e f", "http://User:pa%20ss@example.com/a%20b?c%20d#e%20f"),
            ("https://example.com", "https://example.com/"),
            ("https:example.com\\a\\b", "https://example.com/a/b"),
            ("  https://exa\tmple.com/\n ", "https://example.com/"),
            ("https://example.com/a/./b/../c/%2e%2E/d", "https://example.com/a/d"),
            ("https://example.com:8443/", "https://example.com:8443/"),
            ("https://example.com/?a='b'", "https://example.com/?a=%27b%27"),
            ("https://faß.example/", "https://xn--fa-hia.example/"),
            ("https://☕.example/", "https://xn--53h.example/"),
            ("https://example。com/", "https://example.com/"),
            ("https://%65xample.com/", "https://example.com/"),
            ("http://0x7f.1/", "http://127.0.0.1/"),
            ("http://3232235777/", "http://192.168.1.1/"),
            ("http://010.1/", "http://8.0.0.1/"),
            ("http://[2001:DB8:0:0:1:0:0:1]/", "http://[2001:db8::1:0:0:1]/"),
            ("http://[::ffff:192.0.2.1]:80/", "http://[::ffff:c000:201]/"),
            ("file:///C|/a/../..", "file:///C:/"),
            ("file://localhost/etc/hosts", "file:///etc/hosts"),
            ("mailto:ada@example.com", "mailto:ada@example.com"),
            ("web+demo:/.//not-a-host/", "web+demo:/.//not-a-host/"),
            ("data:text/plain, a #b", "data:text/plain, a%20#b"),
            ("sc://HoSt/%zz", "sc://HoSt/%zz"),
        ])
    func absolute(input: String, href: String) {
        #expect(WebURL(input)?.href == href)
    }

    @Test(
        "a relative reference is resolved against its base",
        arguments: [
            ("../x", "https://a.example/b/c/d?q#f", "https://a.example/b/x"),
            ("?y", "https://a.example/b/c?q#f", "https://a.example/b/c?y"),
            ("#z", "https://a.example/b?q#f", "https://a.example/b?q#z"),
            ("#z", "mailto:ada@example.com", "mailto:ada@example.com#z"),
            ("", "https://a.example/b?q#f", "https://a.example/b?q"),
            ("//b.example", "http://a.example/", "http://b.example/"),
            ("/\\b.example/", "http://a.example/", "http://b.example/"),
            ("http:x", "http://a.example/b/", "http://a.example/b/x"),
            ("/x", "file:///C:/a/b", "file:///C:/x"),
            ("D|/x", "file:///C:/a/b", "file:///D:/x"),
            ("//host/x", "file:///C:/a/b", "file://host/x"),
            ("x", "file:///C:/", "file:///C:/x"),
            ("..", "sc://h/a/b/c", "sc://h/a/"),
            ("/..//p", "sc:/a", "sc:/.//p"),
        ])
    func relative(input: String, base: String, href: String) throws {
        let base = try #require(WebURL(base))
        #expect(WebURL(input, base: base)?.href == href)
    }

    @Test(
        "what is no address fails",
        arguments: [
            "", "example.com", "//example.com", "https://", "https://:80/", "https://user@/", "https://exa mple.com/",
            "https://example.com:65536/", "https://example.com:8a/", "https://[::1/", "https://[1:2:3]/",
            "https://[::1::]/",
            "https://[1:2:3:4:5:6:7:8:9]/", "https://[::1.2.3]/", "https://[::01.2.3.4]/", "https://[1:]/",
            "https://1.2.3.256/", "https://1.2.3.4.5/", "https://0x100000000/", "https://09.1/", "https://a.0x/b.08",
            "https://xn--a/", "https://xn--/", "https://a%00b/", "https://a<b/", "https://\u{AD}/", "sc://a b/",
            "1http://a/",
        ])
    func failures(input: String) {
        #expect(WebURL(input) == nil)
    }

    @Test("components are read from the serialised form")
    func components() throws {
        let url = try #require(WebURL("https://ada:s%40t@www.example.com:8443/a/b?c=d&e#f"))
        #expect(url.scheme == "https")
        #expect(url.username == "ada")
        #expect(url.password == "s%40t")
        #expect(url.hostname == "www.example.com")
        #expect(url.host == "www.example.com:8443")
        #expect(url.port == 8443)
        #expect(url.path == "/a/b")
        #expect(url.query == "c=d&e")
        #expect(url.fragment == "f")
        #expect(url.origin == "https://www.example.com:8443")
        #expect(url.isWeb)
        #expect(url.description == url.href)
    }

    @Test("components that are not there are nil, empty ones are empty")
    func missingComponents() throws {
        let plain = try #require(WebURL("mailto:ada@example.com"))
        #expect(plain.hostname == nil && plain.query == nil && plain.fragment == nil && plain.port == nil)
        #expect(plain.username.isEmpty && plain.password.isEmpty && plain.host.isEmpty)
        #expect(plain.hasOpaquePath && !plain.isWeb && plain.origin == "null")
        let empty = try #require(WebURL("https://ada@example.com/?#"))
        #expect(empty.query == "" && empty.fragment == "" && empty.username == "ada" && empty.password.isEmpty)
        #expect(WebURL("blob:https://example.com:443/1")?.origin == "https://example.com")
        #expect(WebURL("file:///a")?.origin == "null")
        #expect(WebURL("file:///a")?.hostname == "")
    }

    @Test("an address is a string in JSON, and another string is an error")
    func codable() throws {
        let url = try #require(WebURL("https://example.com/ä"))
        let data = try JSONEncoder().encode([url])
        #expect(try JSONDecoder().decode([WebURL].self, from: data) == [url])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([WebURL].self, from: Data(#"["x"]"#.utf8)) }
    }

    @Test(
        "a pasted address may lack its scheme",
        arguments: [
            ("  example.com/x \n", "https://example.com/x"), ("<https://example.com>", "https://example.com/"),
            ("example.com:8080/x", "https://example.com:8080/x"), ("localhost:8080", "https://localhost:8080/"),
            ("192.168.1.1/x", "https://192.168.1.1/x"), ("//example.com/", "https://example.com/"),
            ("münchen.de", "https://xn--mnchen-3ya.de/"), ("mailto:ada@example.com", "mailto:ada@example.com"),
            ("javascript:alert(1)", "javascript:alert(1)"), ("HTTP://EXAMPLE.COM", "http://example.com/"),
        ])
    func pasted(text: String, href: String) {
        #expect(WebURL(pasted: text)?.href == href)
    }

    @Test(
        "pasted text that is no address stays none",
        arguments: ["", "hello", "two words.here now", "ada@example.com", "a:b:c", "version 1.2"])
    func pastedText(text: String) {
        #expect(WebURL(pasted: text) == nil || WebURL(pasted: text)?.isWeb == false)
    }
}

/// The whole table of the web platform tests, in an evaluation.
@Suite("the URL Standard's own test data", .enabled(if: URLTestData.file != nil))
struct AddressEvaluationTests {
    @Test("every case of urltestdata.json")
    func urltestdata() throws {
        var failures: [String] = []
        for test in try URLTestData.cases() {
            let url =
                test.base.map { base in WebURL(base).flatMap { WebURL(test.input, base: $0) } } ?? WebURL(test.input)
            if test.failure == true {
                if url != nil { failures.append(test.input) }
            } else if url?.href != test.href || url?.path != test.pathname || url?.host != test.host {
                failures.append(test.input)
            }
        }
        #expect(failures == [])
    }
}

private enum URLTestData {
    struct Case: Decodable {
        var input: String
        var base: String?
        var failure: Bool?
        var href: String?
        var pathname: String?
        var host: String?
    }

    /// A case, or one of the comments between them.
    private struct Entry: Decodable {
        var test: Case?
        init(from decoder: any Decoder) throws { test = try? Case(from: decoder) }
    }

    static var file: URL? {
        guard let folder = ProcessInfo.processInfo.environment["FUZE_EVAL_DATA"] else { return nil }
        let file = URL(filePath: folder).appending(path: "url/urltestdata.json")
        return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }

    static func cases() throws -> [Case] {
        guard let file else { return [] }
        return try JSONDecoder().decode([Entry].self, from: Data(contentsOf: file)).compactMap(\.test)
    }
}
