import Testing

@testable import Reading

@Suite("Kinds of pages")
struct ExtractionPageKindTests {
    private static func post(_ author: String, _ text: String) -> String {
        """
        <div class="post"><div class="postprofile"><a href="/u/\(author)">\(author)</a></div>
        <div class="content">\(text)</div><div class="buttons"><button>Reply</button></div></div>
        """
    }

    @Test("every contribution of a forum thread is kept, the frame is not")
    func forum() {
        let html = """
            <title>Which rope for mooring? - Boat Forum</title><meta name="generator" content="phpBB">
            <body><nav><a href="/">Board index</a></nav>
            \(Self.post("ada", "Which rope would you use for mooring a small boat?"))
            \(Self.post("grace", "Nylon. It stretches, and it does not float."))
            \(Self.post("linus", "I disagree: polyester keeps its shape."))
            <footer class="footer">Powered by software</footer></body>
            """
        let page = SamplePages.extract(html, url: "https://boats.example.com/viewtopic.php?t=1")
        #expect(page.pageKind == .forum)
        for text in ["Which rope would", "Nylon. It stretches", "polyester keeps"] { #expect(page.text.contains(text)) }
        for clutter in ["Board index", "Powered by", "Reply"] { #expect(!page.text.contains(clutter)) }
    }

    @Test("questions with answers are a forum by their microdata")
    func questions() {
        let html = """
            <title>How to tie a bowline - Knots</title><body itemscope itemtype="https://schema.org/QAPage">
            <main><div class="question"><p>How do I tie a bowline with one hand, quickly?</p></div>
            <div class="answer"><p>Make a loop, go through it, around and back.</p></div></main></body>
            """
        let page = SamplePages.extract(html)
        #expect(page.pageKind == .forum)
        #expect(page.text.contains("one hand") && page.text.contains("around and back"))
    }

    @Test("a product's name, price, description and properties are kept")
    func product() {
        let html = """
            <title>Steel anchor 7 kg - Boat shop</title>
            <script type="application/ld+json">{"@context":"https://schema.org","@type":"Product","name":"Steel anchor 7 kg"}</script>
            <body><header><nav><a href="/">Shop</a> <a href="/ropes">Ropes</a></nav></header>
            <main><h1>Steel anchor 7 kg</h1><div class="price">€ 89.90</div>
            <div class="description">Galvanised, for boats up to seven metres.</div>
            <table><tr><th>Weight</th><td>7 kg</td></tr><tr><th>Material</th><td>Steel</td></tr></table>
            <button>Add to cart</button></main>
            <div class="related">Others bought: <a href="/x">Chain</a></div></body>
            """
        let page = SamplePages.extract(html, url: "https://shop.example.com/anchor")
        #expect(page.pageKind == .product)
        for text in ["€ 89.90", "Galvanised", "Weight\t7 kg"] { #expect(page.text.contains(text), "\(text)") }
        for clutter in ["Ropes", "Chain", "Add to cart"] { #expect(!page.text.contains(clutter), "\(clutter)") }
    }

    @Test("documentation keeps its code and tables")
    func documentation() {
        let html = """
            <title>Configuration — Example 1.0 documentation</title><meta name="generator" content="Sphinx 7.2">
            <body><div class="sphinxsidebar"><ul><li><a href="a.html">Install</a></li><li><a href="b.html">Use</a></li></ul></div>
            <div role="main"><h1>Configuration</h1><p>Set these before the start.</p>
            <pre>port = 8080\n  host = "::1"</pre>
            <table><tr><th>Name</th><th>Default</th></tr><tr><td>port</td><td>8080</td></tr></table>
            <dl><dt>port</dt><dd>Where it listens.</dd></dl></div></body>
            """
        let page = SamplePages.extract(html, url: "https://example.com/docs/configuration.html")
        #expect(page.pageKind == .docs)
        #expect(page.text.contains("port = 8080\n  host = \"::1\""))
        #expect(page.text.contains("Name\tDefault\nport\t8080"))
        #expect(page.text.contains("port\nWhere it listens."))
        #expect(!page.text.contains("Install"))
    }

    @Test("the front page of a repository shows its README")
    func repository() {
        let html = """
            <title>ada/anchor: drop it</title><body><header role="banner"><a href="/login">Sign in</a></header>
            <main><table><tr><td><a href="/f">Package.swift</a></td></tr></table>
            <article class="markdown-body"><h1>anchor</h1>\(SamplePages.paragraphs(4, about: "library"))</article></main></body>
            """
        let page = SamplePages.extract(html, url: "https://github.com/ada/anchor")
        #expect(page.pageKind == .docs)
        #expect(page.text.contains("Paragraph 4 tells of the library"))
    }

    @Test("a page of links keeps its links, not its menu")
    func listing() {
        let items = (1...12).map {
            "<li><a href=\"/story/\($0)\">Story number \($0) about the harbour and its boats</a></li>"
        }
        let html = """
            <title>All stories</title><body><nav><a href="/login">Log in</a></nav>
            <main><h1>All stories</h1><ul>\(items.joined())</ul></main><footer>Imprint</footer></body>
            """
        let page = SamplePages.extract(html, url: "https://example.com/")
        #expect(page.pageKind == .listing)
        #expect(page.text.contains("Story number 1 about") && page.text.contains("Story number 12 about"))
        #expect(!page.text.contains("Imprint") && !page.text.contains("Log in"))
    }

    @Test("a video's page keeps its description")
    func media() {
        let html = """
            <title>How anchors hold - Video</title><meta property="og:type" content="video.other">
            <body><main><video src="/v.mp4"></video><div class="details">A short film on how anchors hold in sand.</div></main></body>
            """
        let page = SamplePages.extract(html)
        #expect(page.pageKind == .media)
        #expect(page.text.contains("how anchors hold in sand"))
        #expect(page.html.contains("https://example.com/v.mp4"))
    }

    @Test(
        "messages of errors are no content",
        arguments: [
            ("404 Not Found", "<h1>Not Found</h1><p>The requested URL was not found on this server.</p>"),
            ("Page not found | Example", "<h1>Oops!</h1><p>We could not find that page. Try the search.</p>"),
            ("Seite nicht gefunden - Beispiel", "<h1>Fehler</h1><p>Diese Seite gibt es nicht mehr.</p>"),
            ("502 Bad Gateway", "<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>"),
            ("Example", "<h1>This page doesn't exist</h1><a href=\"/\">Home</a>"),
            ("お探しのページは見つかりません", "<p>トップへ戻る</p>"),
        ])
    func errors(title: String, body: String) {
        #expect(SamplePages.extract("<title>\(title)</title><body>\(body)").pageKind == .error)
    }

    @Test("an error's status makes any page an error")
    func errorStatus() {
        #expect(SamplePages.extract(SamplePages.article, status: 404).pageKind == .error)
        #expect(SamplePages.extract(SamplePages.article, status: 500).pageKind == .error)
        #expect(SamplePages.extract(SamplePages.article, status: 200).pageKind == .article)
    }

    @Test("a form for signing in and little else is a login page")
    func login() {
        let html = """
            <title>Sign in - Example</title><body><form><label>Email <input type="email"></label>
            <label>Password <input type="password"></label><button>Sign in</button></form>
            <a href="/forgot">Forgot your password?</a></body>
            """
        #expect(SamplePages.extract(html).pageKind == .login)
        #expect(SamplePages.extract(html, status: 401).pageKind == .login)
        let firstStep = "<title>Anmelden – Beispiel</title><body><form><input type=email><button>Weiter</button></form>"
        #expect(SamplePages.extract(firstStep).pageKind == .login)
    }

    @Test("an article with a sign-in form in its header is an article")
    func loginInHeader() {
        let html = SamplePages.article.replacing("<nav>", with: "<form><input name=u><input type=password></form><nav>")
        #expect(SamplePages.extract(html).pageKind == .article)
    }

    @Test(
        "checks for robots are no content",
        arguments: [
            "<title>Just a moment...</title><body><div id=\"challenge-form\">Enable JavaScript and cookies to continue</div><script src=\"/cdn-cgi/challenge-platform/h/b/orchestrate\"></script>",
            "<title>Attention Required! | Cloudflare</title><body><h1>Sorry, you have been blocked</h1><p>You are unable to access example.com</p>",
            "<title>Access Denied</title><body><h1>Access Denied</h1>You don't have permission to access \"http://example.com/\" on this server.",
            "<title>example.com</title><body><p>Please enable JS and disable any ad blocker</p><script src=\"https://ct.captcha-delivery.com/c.js\"></script>",
            "<title>Robot Check</title><body><p>Enter the characters you see below</p><form><input></form>",
            "<title>Pardon Our Interruption</title><body><p>As you were browsing something made us think you were a bot.</p>",
        ])
    func botChecks(html: String) {
        #expect(SamplePages.extract(html).pageKind == .botCheck)
    }

    @Test("articles about errors, captchas and signing in are articles")
    func aboutThem() {
        for title in [
            "Why every captcha asks: are you a robot?", "404 Not Found: the story of an error", "How to sign in safely",
        ] {
            let html = """
                <title>\(title)</title><body><article><h1>\(title)</h1>\(SamplePages.paragraphs(12, about: "captcha"))
                <p>Many pages say: verify you are human. Then they ask for a password.</p></article></body>
                """
            #expect(SamplePages.extract(html).pageKind == .article, "\(title)")
        }
    }

    @Test("a cookie wall goes, whatever maker it is of, and does not win over a short text")
    func cookieWalls() {
        let wall = String(
            repeating: "We and our partners use cookies, and similar things, to store and access information. ",
            count: 6)
        for mark in [
            "id=\"onetrust-consent-sdk\"", "class=\"cookie-wall\"", "class=\"cc-window\"",
            "id=\"CybotCookiebotDialog\"",
        ] {
            let page = SamplePages.extract(
                "<title>Note</title><body><div class=text><p>\(String(repeating: "The harbour is closed today. ", count: 12))</p></div><div \(mark)><p>\(wall)</p></div>"
            )
            #expect(!page.text.contains("partners"), "\(mark)")
            #expect(page.text.contains("closed today"))
        }
    }

    @Test("a recipe about cookies keeps them")
    func cookieRecipe() {
        let html =
            "<title>Cookies with chocolate</title><body><article class=\"cookie-recipe\"><h1>Cookies</h1>\(SamplePages.paragraphs(5, about: "cookie dough"))</article>"
        #expect(SamplePages.extract(html).text.contains("cookie dough"))
    }

    @Test("only what is no content says so")
    func isContent() {
        #expect(PageKind.allCases.filter { !$0.isContent } == [.error, .login, .botCheck])
        #expect(PageKind.botCheck.rawValue == "bot_check")
    }
}

extension ExtractionPageKindTests {
    @Test("a page that scripts draw is read from its description")
    func drawnByScripts() {
        let body = String(repeating: "The harbour was quiet, as it is on Sundays. ", count: 8)
        let html = """
            <title>Quiet harbour</title><body><div id="root"></div>
            <script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",\
            "headline":"Quiet harbour","articleBody":"<p>\(body)</p><p>End &amp; out.</p>"}</script>
            """
        let page = SamplePages.extract(html)
        #expect(page.text.hasPrefix("The harbour was quiet") && page.text.hasSuffix("\n\nEnd & out."))
        #expect(page.html.hasPrefix("<p>The harbour was quiet"))
        #expect(page.wordCount > 60)
    }

    @Test("a film's description stands in for a page without text")
    func described() {
        let html = """
            <title>Anchors</title><meta property="og:type" content="video.other">
            <meta property="og:description" content="How anchors hold."><body><video src="/v.mp4"></video><p>Share</p>
            """
        #expect(SamplePages.extract(html).text == "How anchors hold.\n\nShare")
    }
}
