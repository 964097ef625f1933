import Testing

@testable import Reading

@Suite("Decoding the characters of a page")
struct FetchingCharsetTests {
    private func detect(
        _ body: [UInt8], header: String? = nil, mediaType: String = "text/html"
    ) -> CharsetDetection {
        CharsetDetection(body: body, contentType: header, mediaType: mediaType)
    }

    private func bytes(_ text: String, then rest: [UInt8] = []) -> [UInt8] { [UInt8](text.utf8) + rest }

    @Test("a byte order mark beats the header")
    func byteOrderMark() {
        let utf8 = detect([0xEF, 0xBB, 0xBF] + bytes("é"), header: "text/html; charset=koi8-r")
        #expect(utf8.text == "é")
        let little = detect([0xFF, 0xFE, 0x61, 0x00, 0xE9, 0x00], header: "text/html; charset=utf-8")
        #expect(little.text == "aé")
        let big = detect([0xFE, 0xFF, 0x00, 0x61, 0xD8, 0x3D, 0xDE, 0x00])
        #expect(big.text == "a😀")
    }

    @Test("the header beats the page's own word")
    func header() {
        let body = bytes("<meta charset=koi8-r>", then: [0xCF])
        #expect(detect(body, header: "text/html;Charset=\"windows-1251\"").text.hasSuffix("П"))
        #expect(detect(body).text.hasSuffix("о"))
        #expect(detect(body, header: "text/html; charset=unheard-of").text.hasSuffix("о"))
    }

    @Test(
        "a page declares its encoding in many ways",
        arguments: [
            "<meta charset=\"windows-1251\">", "<META CHARSET=windows-1251 >", "<meta charset='cp1251'/>",
            "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=windows-1251\">",
            "<meta content='text/html;charset = x-cp1251' http-equiv=content-type>",
            "<!-- <meta charset=utf-8> --><meta name=a content=b><meta charset=windows-1251>",
            "<html><head><title>a > b</title><script>if (a<b) {}</script><meta charset=windows-1251>",
            "<!--><meta charset=windows-1251>", "<?xml version=\"1.0\" encoding=\"windows-1251\"?><p>",
            "<meta charset=nonsense><meta charset=windows-1251>",
            "<meta = charset=windows-1251 charset=utf-8><meta charset=windows-1251>",
        ])
    func declarations(_ markup: String) {
        let found = detect(bytes(markup, then: [0xCF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2]))
        #expect(found.text.hasSuffix("Привет"))
        #expect(found.encoding.name == "windows-1251")
    }

    @Test(
        "markup that breaks off declares nothing",
        arguments: [
            "<meta charset", "<meta charset=", "<!--", "<", "<meta charset=\"koi8",
            "<meta http-equiv=content-type content=charset",
        ])
    func brokenOff(_ markup: String) {
        #expect(detect(bytes(markup)).text == markup)
    }

    @Test("XML declares its encoding in its first line")
    func xml() {
        let body = bytes("<?xml version='1.0' encoding='ISO-8859-2'?><a>", then: [0xB3])
        #expect(detect(body, mediaType: "application/rss+xml").text.hasSuffix("ł"))
    }

    @Test("without a declaration valid UTF-8 is UTF-8, and anything else windows-1252")
    func undeclared() {
        #expect(detect(bytes("naïve — 日本")).text == "naïve — 日本")
        #expect(detect(bytes("caf", then: [0xE9, 0x20, 0x80])).text == "café €")
        #expect(detect(bytes("plain")).encoding == .utf8)
        #expect(detect([]).text == "")
    }

    @Test("one damaged character leaves a UTF-8 page UTF-8")
    func damaged() {
        let body = bytes("übermäßig größer", then: [0xC3, 0x28]) + bytes("süß")
        #expect(detect(body).text == "übermäßig größer\u{FFFD}(süß")
        #expect(detect(bytes("caf", then: [0xE9]), header: "text/html; charset=utf-8").text == "caf\u{FFFD}")
    }

    @Test("UTF-8 that is declared as Latin-1 is read as UTF-8 all the same")
    func misdeclared() {
        let text = "<p>Gödel, Escher, Bach — ein “Band”</p>"
        #expect(detect(bytes(text), header: "text/html; charset=ISO-8859-1").text == text)
        let body = bytes("<meta charset=windows-1251>", then: [0xCF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2])
        #expect(detect(body, header: "text/html; charset=utf-8").text.hasSuffix("Привет"))
    }

    @Test(
        "every family of encodings is read",
        arguments: [
            ("iso-8859-1", [0x93, 0xE9, 0x94, 0x81], "“é”\u{81}"), ("latin2", [0xB1], "ą"),
            ("iso-8859-15", [0xA4], "€"), ("windows-1250", [0x9E, 0x81], "ž\u{81}"),
            ("windows-1253", [0xE1, 0xE2], "αβ"), ("windows-1254", [0xFD], "ı"),
            ("windows-1255", [0xF9], "ש"), ("iso-8859-8-i", [0xF9], "ש"), ("windows-1256", [0xE3], "م"),
            ("windows-1257", [0xE0], "ą"), ("windows-1258", [0xD0], "Đ"), ("tis-620", [0xA1], "ก"),
            ("koi8-r", [0xD0, 0xD2], "пр"), ("koi8-u", [0xA4], "є"), ("ibm866", [0x80], "А"),
            ("macintosh", [0x8E], "é"), ("x-mac-cyrillic", [0xE0], "а"),
            ("gb2312", [0xC4, 0xE3, 0xBA, 0xC3], "你好"), ("gbk", [0x81, 0x40], "丂"),
            ("gb18030", [0x81, 0x30, 0x81, 0x30], "\u{80}"), ("big5", [0xA7, 0x41, 0xA6, 0x6E], "你好"),
            ("shift_jis", [0x93, 0xFA, 0x96, 0x7B, 0xB1, 0x81, 0x60], "日本ｱ～"),
            ("euc-jp", [0xC6, 0xFC, 0xCB, 0xDC], "日本"), ("euc-kr", [0xC7, 0xD1, 0xB1, 0xDB], "한글"),
            ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x4B, 0x5C, 0x1B, 0x28, 0x42, 0x21], "日本!"),
            ("iso-2022-jp", [0x1B, 0x28, 0x49, 0x31, 0x1B, 0x28, 0x42], "ｱ"),
            ("utf-16be", [0x65, 0xE5, 0x67, 0x2C], "日本"), ("utf-16", [0x61, 0x00, 0x62], "a\u{FFFD}"),
            ("x-user-defined", [0x61, 0xFF], "a\u{F7FF}"), ("hz-gb-2312", [0x61], "\u{FFFD}"),
            ("euc-kr", [0x61, 0xC7], "a\u{FFFD}"), ("shift_jis", [0x61, 0xFF, 0x62], "a\u{FFFD}b"),
        ] as [(String, [UInt8], String)])
    func encodings(_ label: String, _ body: [UInt8], _ expected: String) {
        #expect(detect(body, header: "text/plain; charset=\(label)", mediaType: "text/plain").text == expected)
    }

    @Test("every label of the standard names an encoding this system can decode")
    func labels() throws {
        #expect(CharacterEncoding.nameByLabel.count == 228)
        for label in CharacterEncoding.nameByLabel.keys {
            let encoding = try #require(CharacterEncoding(label: " \(label.uppercased())\t"))
            let text = encoding.decode([UInt8]("ascii stays ascii".utf8))
            if !encoding.isUTF16, encoding.name != "replacement" { #expect(text == "ascii stays ascii") }
        }
    }

    @Test("long pages are converted whole, across the pieces they are converted in")
    func longPages() {
        let text = String(repeating: "日本語テキスト ", count: 20_000)
        let unit: [UInt8] = [
            0x93, 0xFA, 0x96, 0x7B, 0x8C, 0xEA, 0x83, 0x65, 0x83, 0x4C, 0x83, 0x58, 0x83, 0x67, 0x20,
        ]
        let body = [UInt8](repeatElement(unit, count: 20_000).joined())
        #expect(detect(body, header: "text/html; charset=sjis").text == text)
    }

    @Test("random bytes are text in every encoding, never a failure")
    func noise() throws {
        var generator = SystemRandomNumberGenerator()
        for name in Set(CharacterEncoding.nameByLabel.values) {
            let encoding = try #require(CharacterEncoding(label: name == "replacement" ? "hz-gb-2312" : name))
            let noise = (0..<3_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(!encoding.decode(noise).isEmpty)
        }
    }
}
