@testable import Reading

/// Small pages written for these tests.
enum SamplePages {
    static let address = WebURL("https://example.com/news/harbour.html")

    static func extract(_ html: String, url: String? = nil, status: Int? = nil) -> ExtractedPage {
        PageExtractor().extract(html: html, url: url.flatMap { WebURL($0) } ?? address, httpStatus: status)
    }

    /// Sentences that read like an article, `count` paragraphs of them.
    static func paragraphs(_ count: Int, about subject: String = "harbour") -> String {
        (1...count).map { number in
            """
            <p>Paragraph \(number) tells of the \(subject), its ships, its cranes and the people who work there, and \
            it goes on for long enough, with several commas, to be taken for what it is: running text.</p>
            """
        }.joined(separator: "\n")
    }

    static let article = """
        <!DOCTYPE html><html lang="en-GB"><head>
        <title>The harbour wakes early in winter | The Daily Example</title>
        <meta name="author" content="Ada Example">
        <meta name="description" content="A morning at the harbour.">
        <meta property="og:site_name" content="The Daily Example">
        <meta property="og:image" content="/pictures/harbour.jpg">
        <meta property="article:published_time" content="2024-02-03T06:00:00Z">
        </head><body>
        <header class="site-header"><a href="/">The Daily Example</a></header>
        <nav><ul><li><a href="/politics">Politics</a></li><li><a href="/sports">Sports</a></li></ul></nav>
        <div id="cookie-banner" class="banner">We use cookies to improve your visit. <button>Accept all</button></div>
        <article>
          <h1>The harbour wakes early in winter</h1>
          \(paragraphs(6))
          <ul><li>three cranes</li><li>forty ships</li></ul>
          <table><thead><tr><th>Day</th><th>Ships</th></tr></thead>
            <tbody><tr><td>Monday</td><td>12</td></tr><tr><td>Tuesday</td><td>9</td></tr></tbody></table>
          <pre><code class="language-swift">let ships = 12
          print(ships)</code></pre>
          <p>See <a href="../weather.html">the weather</a> and <a href="javascript:alert(1)">this</a>, as always.</p>
        </article>
        <aside class="related">Related: <a href="/other">Another harbour</a></aside>
        <div class="comments"><p>A reader says, rather loudly, that the cranes are ugly and should go.</p></div>
        <footer>© The Daily Example. <a href="/imprint">Imprint</a></footer>
        <script>document.write("never shown")</script>
        </body></html>
        """
}
