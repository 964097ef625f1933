import Testing

@testable import Reading

@Suite("Sanitising")
struct ExtractionSanitizerTests {
    static let base = WebURL("https://example.com/dir/page.html")
    private func clean(_ html: String) -> String { HTMLSanitizer().sanitize(html, base: Self.base) }

    static let attacks = [
        "<script>alert(1)</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>", "<img src=x oNeRrOr=alert(1)//", "<img/src=x/onerror=alert(1)>",
        "<body onload=alert(1)>",
        "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
        "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">", "<math href=\"javascript:alert(1)\">x</math>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>", "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
        "<a href=\" \u{1}javascript:alert(1)\">x</a>",
        "<a href=\"java\nscript:alert(1)\">x</a>", "<a href=\"java&#x09;script:alert(1)\">x</a>",
        "<a href=\"&#106;avascript&colon;alert(1)\">x</a>",
        "<a href=\"vbscript:msgbox(1)\">x</a>", "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
        "<a href=\"file:///etc/passwd\">x</a>",
        "<a href=\"blob:https://example.com/x\">x</a>", "<a href=x style=\"background:url(javascript:alert(1))\">x</a>",
        "<iframe src=\"javascript:alert(1)\"></iframe>", "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<object data=\"data:text/html;base64,PHNjcmlwdD4=\"></object>", "<embed src=\"//evil.example/x.swf\">",
        "<base href=\"//evil.example/\"><a href=x>x</a>",
        "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
        "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import '//evil.example/x.css';</style>",
        "<style><img src=x onerror=alert(1)>",
        "<form action=\"javascript:alert(1)\"><input type=submit></form>",
        "<button formaction=\"javascript:alert(1)\">x</button>",
        "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)>x</details>",
        "<video><source onerror=alert(1)></video>",
        "<video poster=\"javascript:alert(1)\" src=\"javascript:alert(2)\"></video>",
        "<audio src=\"javascript:alert(1)\" autoplay></audio>",
        "<img src=\"data:image/svg+xml;base64,PHN2Zz4=\">", "<img src=\"data:text/html;base64,PHN2Zz4=\">",
        "<img srcset=\"javascript:alert(1) 1x\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<textarea></textarea><img src=x onerror=alert(1)></textarea>",
        "<title><img src=x onerror=alert(1)></title>", "<xmp><img src=x onerror=alert(1)></xmp>",
        "<plaintext><img src=x onerror=alert(1)>",
        "<template><img src=x onerror=alert(1)></template>",
        "<template shadowrootmode=open><img src=x onerror=alert(1)></template>",
        "<noembed><img src=x onerror=alert(1)></noembed>", "<noframes><img src=x onerror=alert(1)></noframes>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->", "<![CDATA[<img src=x onerror=alert(1)>]]>",
        "<?xml <img src=x onerror=alert(1)>?>",
        "<p title=\"&quot;><img src=x onerror=alert(1)>\">x</p>", "<p title='\"><script>alert(1)</script>'>x</p>",
        "<code class=\"language-&quot;onx=1\">x</code>",
        "<pre class='language-x\" onclick=\"alert(1)'>x</pre>",
        "<table><td background=\"javascript:alert(1)\">x</table>", "<div id=location name=cookie>x</div>",
        "<a name=body id=defaultView href=/x>x</a>", "<x-widget onclick=alert(1)>x</x-widget>",
        "<marquee onstart=alert(1)>x</marquee>", "<isindex action=javascript:alert(1)>",
        "<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>",
        "<select><img src=x onerror=alert(1)></select>", "<p\u{0}onclick=alert(1)>x",
        "<a href=\"\u{0}javascript:alert(1)\">x</a>",
        "<iframe src=\"https://www.youtube.com/embed/x&quot; onload=&quot;alert(1)\"></iframe>",
        "<img alt=\"`><script>alert(1)</script>\" src=/x.png>",
    ]

    @Test("nothing that runs or loads by surprise survives", arguments: attacks)
    func attack(html: String) throws {
        let once = clean(html)
        try requireHarmless(once)
        // A browser's parser sees the same when it reads the result, wherever it is put.
        for context in ["\(once)", "<table>\(once)</table>", "<p>\(once)</p>", "<ul><li>\(once)"] {
            try requireHarmless(clean(context))
        }
        #expect(clean(once) == once)
    }

    @Test("what an article extracts to is as safe", arguments: attacks)
    func attackInArticle(html: String) throws {
        try requireHarmless(
            SamplePages.extract("<body><article>\(SamplePages.paragraphs(4))<p>\(html)</p></article>").html)
    }

    private func requireHarmless(_ html: String) throws {
        let document = HTMLParser().parseFragment(Array(html.utf8))
        var next = document.followingElement(HTMLDocument.root, within: HTMLDocument.root)
        while let node = next {
            let tag = document.tag(node)
            try #require(tag == .html || AllowedMarkup.elements.contains(tag), "<\(tag)> in \(html)")
            for index in document.attributeRange(node) {
                try requireHarmless(document.attributes[index], document, html)
            }
            next = document.followingElement(node, within: HTMLDocument.root)
        }
    }

    private func requireHarmless(_ attribute: HTMLDocument.Attribute, _ document: HTMLDocument, _ html: String) throws {
        let value = document.value(attribute).lowercased()
        try #require(
            attribute.name != .other && attribute.name != .style && attribute.name != .id && attribute.name != .name,
            "in \(html)")
        guard [.href, .src, .srcset, .poster, .cite].contains(attribute.name) else { return }
        let schemes = [
            "http://", "https://", "mailto:", "tel:", "data:image/png", "data:image/gif", "data:image/jpeg",
            "data:image/webp",
        ]
        try #require(schemes.contains { value.hasPrefix($0) }, "\(value) in \(html)")
    }

    @Test(
        "what is harmless is kept",
        arguments: [
            ("<p>One <b>two</b> <em>three</em></p>", "<p>One <b>two</b> <em>three</em></p>"),
            (
                "<a href=\"other.html\" title=\"T\">x</a>",
                "<a href=\"https://example.com/dir/other.html\" title=\"T\" rel=\"noopener noreferrer\">x</a>"
            ),
            (
                "<a href=\"mailto:ada@example.com\">x</a>",
                "<a href=\"mailto:ada@example.com\" rel=\"noopener noreferrer\">x</a>"
            ),
            (
                "<img src=\"/i.png\" alt=\"A &quot;b&quot;\" width=\"10\" height=\"auto\">",
                "<img src=\"https://example.com/i.png\" alt=\"A &quot;b&quot;\" width=\"10\">"
            ),
            ("<img src=\"data:image/png;base64,iVBORw0=\">", "<img src=\"data:image/png;base64,iVBORw0=\">"),
            (
                "<img srcset=\"a.png 1x, javascript:x 2x, /b.png 640w\">",
                "<img srcset=\"https://example.com/dir/a.png 1x, https://example.com/b.png 640w\">"
            ),
            (
                "<table><tr><td colspan=2>x</td></tr></table>",
                "<table><tbody><tr><td colspan=\"2\">x</td></tr></tbody></table>"
            ),
            ("<pre>\n\n a &lt; b</pre>", "<pre>\n\n a &lt; b</pre>"),
            ("<ol start=3><li>x</ol>", "<ol start=\"3\"><li>x</li></ol>"),
            ("<time datetime=\"2024-01-01\">x</time>", "<time datetime=\"2024-01-01\">x</time>"),
            ("<unknown>x<center>y</center></unknown>", "xy"),
            ("a &amp; b &lt; c", "a &amp; b &lt; c"),
            ("<q cite=\"/q\">x</q>", "<q cite=\"https://example.com/q\">x</q>"),
            ("<xmp><b>x</b></xmp>", "<pre>\n&lt;b&gt;x&lt;/b&gt;</pre>"),
        ])
    func kept(html: String, expected: String) {
        #expect(clean(html) == expected)
    }

    @Test("without a base, relative addresses are dropped and absolute ones stay")
    func withoutBase() {
        let html = HTMLSanitizer().sanitize("<a href=/x>a</a><a href=https://example.com/y>b</a>", base: nil)
        #expect(
            html
                == "<a rel=\"noopener noreferrer\">a</a><a href=\"https://example.com/y\" rel=\"noopener noreferrer\">b</a>"
        )
    }

    @Test("pictures inside addresses are raster images of moderate size")
    func inlineImages() {
        #expect(InlineImage.safe("data:image/png;base64,AAAA") != nil)
        #expect(InlineImage.safe("data:image/png;base64,\"><script>") == nil)
        #expect(InlineImage.safe("data:image/png;base64," + String(repeating: "A", count: 100_000)) == nil)
        #expect(InlineImage.safe("data:image/svg+xml;base64,AAAA") == nil)
    }

    @Test("lists of pictures are read with commas in their addresses")
    func imageSets() {
        let found = ImageSet.candidates("a,b.png 1x,  c.png, d.png 2x (odd), ")
        #expect(found.map(\.address) == ["a,b.png", "c.png", "d.png"])
        #expect(found.map(\.descriptor) == ["1x", "", ""])
        #expect(ImageSet.candidates(" ,, ").isEmpty)
    }

    @Test("players of videos lead to their pages")
    func players() {
        #expect(VideoEmbeds.page(ofPlayer: "https://player.vimeo.com/video/12?h=1") == "https://vimeo.com/12")
        #expect(
            VideoEmbeds.page(ofPlayer: "https://www.dailymotion.com/embed/video/x1")
                == "https://www.dailymotion.com/video/x1")
        #expect(
            VideoEmbeds.page(ofPlayer: "https://v.qq.com/txp/iframe/player.html?vid=1")
                == "https://v.qq.com/txp/iframe/player.html?vid=1")
    }
}
