import Reading
import Testing

@Suite("two addresses are the same bookmark")
struct AddressIdentityTests {
    private func key(_ text: String) -> String? { URLIdentity.key(of: text)?.href }

    @Test(
        "what differs only in spelling has one key",
        arguments: [
            [
                "https://example.com/", "http://example.com", "http://example.com:443/", "HTTPS://EXAMPLE.COM:443",
                "http://www.example.com:80/",
                "https://example.com./", "https://ada:secret@example.com/", "https://example.com/?",
                "https://example.com/#top", "https://example.com/index.html",
            ],
            [
                "https://example.com/a", "https://example.com/a/", "https://example.com/./b/../a",
                "https://example.com/%61", "https://example.com/a?utm_source=x", "https://example.com/a/index.php",
                "https://example.com/a#:~:text=word", "https://example.com/a;jsessionid=1A2B",
            ],
            ["https://example.com/%7Eada/caf%c3%a9", "https://example.com/~ada/café"],
            ["https://example.com/a%28b%29,c|d", "https://example.com/a(b)%2Cc%7Cd"],
            [
                "https://example.com/?b=2&a=1", "https://example.com/?a=1&b=2", "https://example.com/?a=1&&b=2&",
                "https://example.com/?a=1&b=2&c=",
            ],
            ["https://example.com/?q=a+b", "https://example.com/?q=a%20b"],
            ["https://example.com/?u=https%3A%2F%2Fx.example%2F", "https://example.com/?u=https://x.example/"],
            ["https://münchen.example/", "https://xn--mnchen-3ya.example/", "https://MÜNCHEN.example/"],
            [
                "https://example.com/app#/inbox", "https://example.com/app/#/inbox/",
                "https://example.com/app#/inbox?utm_medium=m",
            ],
            [
                "https://example.com/?id=1&sid=0123456789abcdef0123456789abcdef", "https://example.com/?id=1",
                "https://example.com/?id=1&PHPSESSID=x",
            ],
            ["https://example.com/(S(abcdefghijklmnopqrstuvwx))/page", "https://example.com/page"],
        ])
    func sameSpelling(addresses: [String]) {
        let keys = Set(addresses.map(key))
        #expect(keys.count == 1)
    }

    @Test(
        "tracking parameters of all kinds go",
        arguments: [
            "utm_source=a&utm_medium=b&UTM_Campaign=c", "fbclid=IwAR1", "gclid=1&gbraid=2&wbraid=3&gad_source=1",
            "msclkid=1", "yclid=1&_openstat=x",
            "mc_cid=1&mc_eid=2", "igshid=1", "igsh=1", "_hsenc=1&_hsmi=2&hsCtaTracking=3", "mkt_tok=1", "vero_id=1",
            "oly_enc_id=1&oly_anon_id=2",
            "spm=a.b&scm=c", "ref_src=twsrc%5Etfw&ref_url=x", "at_medium=custom7&at_campaign=64",
            "pk_campaign=1&mtm_source=2&piwik_kwd=3", "_ga=1&_gl=2",
            "srsltid=1", "twclid=1&ttclid=2&li_fat_id=3", "__twitter_impression=true", "xtor=1",
            "cmpid=1&s_cid=2&icid=3", "amp", "amp=1", "outputType=amp", "ref=news.example.com",
        ])
    func tracking(query: String) {
        #expect(key("https://example.org/page?id=7&\(query)") == "https://example.org/page?id=7")
    }

    @Test(
        "a redirector is what it leads to",
        arguments: [
            "https://www.google.com/url?sa=t&url=https%3A%2F%2Fexample.com%2Fpage&usg=1",
            "https://www.google.de/url?q=https://example.com/page",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Fpage%3Ffbclid%3D1&h=x",
            "https://l.instagram.com/?u=https%3A%2F%2Fexample.com%2Fpage&e=1",
            "https://out.reddit.com/t3_abc?url=https%3A%2F%2Fexample.com%2Fpage&token=1",
            "https://t.umblr.com/redirect?z=https%3A%2F%2Fexample.com%2Fpage&t=1",
            "https://away.vk.com/away.php?to=https%3A%2F%2Fexample.com%2Fpage",
            "https://slack-redir.net/link?url=https%3A%2F%2Fexample.com%2Fpage",
            "https://steamcommunity.com/linkfilter/?url=https://example.com/page",
            "https://duckduckgo.com/l/?uddg=https%3A%2F%2Fexample.com%2Fpage&rut=1",
            "https://www.youtube.com/redirect?q=https%3A%2F%2Fexample.com%2Fpage&v=1",
            "https://www.linkedin.com/safety/go?url=https%3A%2F%2Fexample.com%2Fpage&trk=1",
            "https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9leGFtcGxlLmNvbS9wYWdl&ntb=1",
            "https://href.li/?https://example.com/page",
            "https://disq.us/url?url=https%3A%2F%2Fexample.com%2Fpage%3AabcdefGHIJKL0123456789&cuid=1",
            "https://medium.com/r/?url=https%3A%2F%2Fexample.com%2Fpage",
            "https://www.google.com/amp/s/example.com/page",
            "https://example-com.cdn.ampproject.org/c/s/example.com/page",
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.com%2Fpage&data=05&reserved=0",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__example.com_page&d=x",
            "https://urldefense.com/v3/__https://example.com/page__;!!x!y$",
            "https://urldefense.com/v3/__https:/example.com/page__;!!x!y$",
            "https://r.search.yahoo.com/_ylt=A/RV=2/RO=10/RU=https%3a%2f%2fexample.com%2fpage/RK=2/RS=x",
            "https://www.curseforge.com/linkout?remoteUrl=https%253a%252f%252fexample.com%252fpage",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fexample.com%252Fpage",
        ])
    func redirectors(address: String) {
        #expect(key(address) == "https://example.com/page")
    }

    @Test("a redirector without a web address inside is a page of its own")
    func emptyRedirectors() {
        #expect(
            key("https://www.google.com/url?q=javascript:alert(1)") == "https://google.com/url?q=javascript:alert(1)")
        #expect(key("https://www.google.com/url?q=/search") == "https://google.com/url?q=/search")
        #expect(key("https://l.facebook.com/l.php") == "https://l.facebook.com/l.php")
    }

    @Test("aliases of one resource have one key", arguments: Aliases.groups)
    func aliases(addresses: [String]) {
        let keys = Set(addresses.map(key))
        #expect(keys.count == 1)
    }

    @Test(
        "really different pages have different keys",
        arguments: [
            ("https://example.com/a", "https://example.com/b"), ("https://example.com/a", "https://example.com/A"),
            ("https://example.com/", "https://example.org/"), ("https://example.com/", "https://example.com:8080/"),
            ("https://example.com/", "https://blog.example.com/"), ("https://www.co.uk/", "https://co.uk/"),
            ("https://example.com/?id=1", "https://example.com/?id=2"),
            ("https://example.com/?page=2", "https://example.com/"),
            ("https://example.com/?a=1&a=2", "https://example.com/?a=2&a=1"),
            ("https://example.com/?q=c%2B%2B", "https://example.com/?q=c"),
            ("https://example.com/a%2Fb", "https://example.com/a/b"),
            ("https://example.com/#/a", "https://example.com/#/b"),
            ("https://example.com/#!a", "https://example.com/"),
            ("https://example.com/?ref=main", "https://example.com/?ref=develop"),
            ("https://example.com/?s=swift", "https://example.com/"),
            ("https://example.com/?t=5", "https://example.com/"),
            ("https://example.com/?sid=12", "https://example.com/?sid=13"),
            ("https://example.com/?session=introduction-to-swift-6", "https://example.com/"),
            ("https://github.com/a/b/blob/main/index.html", "https://github.com/a/b/blob/main"),
            ("https://git.example.com/a/raw/main/index.html", "https://git.example.com/a/raw/main"),
            ("https://github.com/a/b?tab=readme-ov-file", "https://github.com/a?tab=repositories"),
            ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcR"),
            ("https://music.youtube.com/", "https://youtube.com/"),
            ("https://news.ycombinator.com/item?id=1", "https://news.ycombinator.com/item?id=2"),
            ("https://en.wikipedia.org/wiki/Swift", "https://de.wikipedia.org/wiki/Swift"),
            ("https://en.wikipedia.org/w/index.php?title=Swift&oldid=1", "https://en.wikipedia.org/wiki/Swift"),
            ("https://web.archive.org/web/2020/https://example.com/", "https://example.com/"),
            (
                "https://web.archive.org/web/2020/https://example.com/",
                "https://web.archive.org/web/2021/https://example.com/"
            ),
            ("https://www.amazon.com/dp/B08N5WRWNW", "https://www.amazon.com/dp/B08N5WRWNX"),
            ("https://www.amazon.com/s?k=swift", "https://www.amazon.com/s?k=kotlin"),
            ("https://stackoverflow.com/questions/1/a", "https://stackoverflow.com/questions/2/a"),
            ("https://stackoverflow.com/a/1", "https://stackoverflow.com/q/1"),
            ("https://www.reddit.com/r/swift/comments/abc/t/", "https://www.reddit.com/r/swift/comments/abc/t/def/"),
            ("https://medium.com/tag/productivity", "https://medium.com/p/productivity"),
            ("https://jobs.theguardian.com/x", "https://www.theguardian.com/x"),
            ("https://arxiv.org/abs/1706.03762v1", "https://arxiv.org/abs/1706.03762v2"),
            ("https://dev.vk.com/x", "https://vk.com/x"),
            ("https://www.google.com/search?q=a", "https://www.google.com/search?q=b"),
            ("https://mail.google.com/mail/u/0/#inbox/a", "https://mail.google.com/mail/u/0/#inbox/b"),
            ("https://example.com/posts?session_id=12", "https://example.com/posts?session_id=13"),
            ("https://www.youtube.com/embed/live_stream?channel=a", "https://www.youtube.com/watch?v=live_stream"),
        ])
    func different(one: String, other: String) {
        #expect(key(one) != key(other))
    }

    @Test(
        "what is no web address has no key",
        arguments: [
            "javascript:alert(1)", "file:///etc/hosts", "data:text/html,x", "mailto:ada@example.com", "about:blank",
            "chrome://settings", "place:sort=8", "ftp://example.com/", "", "hello", "https://",
        ])
    func noKey(address: String) {
        #expect(key(address) == nil)
    }

    @Test("similar is what shares site and path, and the query where it alone chooses the page")
    func similarity() throws {
        func similar(_ text: String) throws -> String { URLIdentity.similarityKey(of: try #require(WebURL(text))) }
        #expect(try similar("https://www.example.com/a?x=1") == similar("http://example.com/a/?y=2"))
        #expect(try similar("https://example.com/a") != similar("https://example.com/b"))
        #expect(try similar("https://youtu.be/dQw4w9WgXcQ") != similar("https://youtu.be/dQw4w9WgXcR"))
        #expect(try similar("mailto:ada@example.com") == "mailto:ada@example.com")
    }
}

private enum Aliases {
    static let groups: [[String]] = [
        [
            "https://youtu.be/dQw4w9WgXcQ?t=42&si=x", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&feature=share",
            "https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0", "https://youtube.com/shorts/dQw4w9WgXcQ",
            "https://www.youtube.com/live/dQw4w9WgXcQ?si=1", "https://www.youtube.com/v/dQw4w9WgXcQ",
            "https://music.youtube.com/watch?v=dQw4w9WgXcQ",
            "https://www.youtube.com/attribution_link?a=1&u=%2Fwatch%3Fv%3DdQw4w9WgXcQ",
        ],
        ["https://www.youtube.com/playlist?list=PL1", "https://www.youtube.com/embed/videoseries?list=PL1"],
        [
            "https://en.wikipedia.org/wiki/Swift_(bird)", "https://en.m.wikipedia.org/wiki/Swift_%28bird%29#Flight",
            "http://en.wikipedia.org/w/index.php?title=Swift+(bird)",
            "https://en.wikipedia.org/wiki/Swift%20(bird)?wprov=sfla1",
        ],
        [
            "https://twitter.com/jack/status/20?s=20&t=x", "https://x.com/Jack/status/20",
            "https://mobile.twitter.com/jack/status/20/photo/1", "https://twitter.com/i/web/status/20",
            "https://fxtwitter.com/jack/status/20",
        ],
        [
            "https://www.reddit.com/r/swift/comments/abc123/title/?share_id=1",
            "https://old.reddit.com/r/Swift/comments/abc123", "https://redd.it/abc123",
            "https://np.reddit.com/comments/abc123/x/",
        ],
        [
            "https://stackoverflow.com/questions/11227809/why?rq=1", "https://stackoverflow.com/q/11227809/22",
            "https://stackoverflow.com/questions/11227809",
        ],
        [
            "https://stackoverflow.com/a/11227902/22",
            "https://stackoverflow.com/questions/11227809/why/11227902#11227902",
        ],
        [
            "https://www.amazon.com/Some-Thing/dp/B08N5WRWNW/ref=sr_1_1?keywords=x&qid=1&sr=8-1",
            "https://amazon.com/gp/product/B08N5WRWNW?tag=x", "https://smile.amazon.com/dp/B08N5WRWNW",
            "https://www.amazon.com/gp/aw/d/B08N5WRWNW", "https://www.amazon.com/-/es/Thing/dp/B08N5WRWNW",
            "https://amzn.com/B08N5WRWNW",
        ],
        [
            "https://arxiv.org/abs/1706.03762", "https://arxiv.org/pdf/1706.03762",
            "http://export.arxiv.org/pdf/1706.03762.pdf", "https://ar5iv.org/abs/1706.03762",
        ],
        ["https://arxiv.org/abs/hep-th/9901001", "https://arxiv.org/pdf/hep-th/9901001.pdf"],
        ["https://doi.org/10.1000/ABC", "http://dx.doi.org/10.1000/abc"],
        [
            "https://medium.com/@ada/some-title-abc123def456?source=x",
            "https://ada.medium.com/other-title-abc123def456", "https://medium.com/p/abc123def456",
        ],
        [
            "https://m.facebook.com/story.php?story_fbid=1&id=2&refid=3",
            "https://www.facebook.com/story.php?id=2&story_fbid=1&__tn__=R",
            "https://de-de.facebook.com/story.php?story_fbid=1&id=2",
        ],
        [
            "https://www.instagram.com/reel/Cabc/?igshid=1", "https://instagram.com/p/Cabc/",
            "https://instagr.am/p/Cabc",
        ],
        [
            "https://open.spotify.com/intl-de/track/4cOdK2wGLETKBW3PvgPWqT?si=1",
            "https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT",
            "https://open.spotify.com/embed/track/4cOdK2wGLETKBW3PvgPWqT",
        ],
        [
            "https://github.com/Apple/Swift", "https://github.com/apple/swift.git",
            "https://github.com/apple/swift/?tab=readme-ov-file#readme",
        ],
        ["https://www.imdb.com/title/tt0111161/?ref_=nv_sr_1", "https://m.imdb.com/title/tt0111161/"],
        ["https://www.linkedin.com/in/ada/?trk=x", "https://de.linkedin.com/in/ada"],
        ["https://www.bbc.co.uk/news/world-1?at_medium=x", "https://www.bbc.com/news/world-1"],
        [
            "https://www.nytimes.com/2024/01/02/x/y.html?smid=tw-share",
            "https://mobile.nytimes.com/2024/01/02/x/y.html",
        ],
        ["https://www.ebay.com/itm/Some-Thing/1234567890?hash=x", "https://m.ebay.com/itm/1234567890?_trkparms=1"],
        ["https://www.etsy.com/de-en/listing/123/title?click_key=1", "https://www.etsy.com/listing/123"],
        [
            "https://de.aliexpress.com/item/1005001.html?spm=1", "https://www.aliexpress.com/item/1005001.html",
            "https://m.aliexpress.com/i/1005001.html",
        ],
        ["https://www.google.com/search?q=swift&ei=1&ved=2&sourceid=chrome", "https://google.com/search?q=swift"],
        [
            "https://docs.google.com/document/d/1AbC/edit?usp=sharing",
            "https://docs.google.com/document/u/1/d/1AbC/view",
        ],
        ["https://open.substack.com/pub/ada/p/engines?r=1", "https://ada.substack.com/p/engines"],
        ["https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?autoplay=1"],
        ["https://www.pinterest.co.uk/pin/99/", "https://br.pinterest.com/pin/99/", "https://pinterest.com/pin/99"],
        ["https://docs.microsoft.com/en-us/azure/", "https://learn.microsoft.com/en-US/azure"],
    ]
}
