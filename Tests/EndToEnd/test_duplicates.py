import time

from harness.case import EndToEndTest


class Duplicates(EndToEndTest):
    """The same link twice keeps one bookmark"""

    def test_exact(self):
        """The very same address gives the bookmark there is, unchanged."""
        ada = self.newcomer("ada")
        first = ada.api.post("/api/bookmarks", {"url": "https://example.org/a?x=1", "title": "Mine", "text": "Words."})
        self.assert_status(first, 201)
        self.assertEqual(first.headers["Location"], f"/api/bookmarks/{first.json['id']}")
        second = ada.api.post("/api/bookmarks", {"url": "https://example.org/a?x=1", "title": "Other", "tags": ["new"]})
        self.assert_status(second, 200)
        self.assertEqual(second.json["id"], first.json["id"])
        self.assertEqual((second.json["title"], second.json["tags"]), ("Mine", []))
        self.assertEqual(second.json["duplicate"]["match"], "exact")
        self.assertEqual(ada.total(), 1)

    def test_normalized(self):
        """Other spellings of an address are the same link."""
        for first, second in [
            ("https://example.org/page", "http://www.EXAMPLE.org:80/page/"),
            ("https://example.org/p?b=2&a=1", "https://example.org/p?a=1&b=2&utm_source=mail&fbclid=Iw"),
            ("https://example.org/a/b", "https://example.org/a/./x/../b#top"),
            ("https://example.org/%7Euser", "https://example.org/~user"),
            ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://youtu.be/dQw4w9WgXcQ?si=abc"),
        ]:
            with self.subTest(second):
                ada = self.newcomer("ada")
                saved = ada.save(first, text="Words.")
                again = ada.api.post("/api/bookmarks", {"url": second})
                self.assert_status(again, 200)
                self.assertEqual((again.json["id"], again.json["url"]), (saved["id"], first))
                self.assertEqual(again.json["duplicate"]["match"], "normalized")

    def test_different(self):
        """Addresses that may lead elsewhere stay apart."""
        ada = self.newcomer("ada")
        for url in (
            "https://example.org/a", "https://example.org/A", "https://example.org/a?id=1", "https://example.org/a?id=2",
            "https://example.org:8443/a", "https://sub.example.org/a", "https://example.org/#/route",
        ):
            self.assert_status(ada.api.post("/api/bookmarks", {"url": url, "text": "Words."}), 201)
        self.assertEqual(ada.total(), 7)

    def test_similar(self):
        """Another query at the same path is a new bookmark with a hint at the other."""
        ada = self.newcomer("ada")
        first = ada.save("https://example.org/list?sort=new", text="Words.")
        second = ada.api.post("/api/bookmarks", {"url": "https://example.org/list?sort=old", "text": "Words."})
        self.assert_status(second, 201)
        self.assertEqual(second.json["duplicate"], {"match": "similar", "id": first["id"]})
        self.assertNotIn("duplicate", ada.bookmark(second.json["id"]))

    def test_check_url(self):
        """A link can be looked up before it is saved."""
        ada = self.newcomer("ada")
        saved = ada.save("https://example.org/read?id=7", text="Words.")
        for url, exists, match, id in [
            ("https://example.org/read?id=7", True, "exact", saved["id"]),
            ("http://www.example.org/read/?id=7&utm_medium=x", True, "normalized", saved["id"]),
            ("https://example.org/read?id=8", False, "similar", saved["id"]),
            ("https://example.org/other", False, None, None),
        ]:
            with self.subTest(url):
                known = self.assert_status(ada.api.get("/api/bookmarks/check-url", url=url), 200).json
                self.assertEqual((known["exists"], known["match"]), (exists, match))
                self.assertEqual((known["bookmark"] or {}).get("id"), id)

    def test_check_url_mistakes(self):
        """Looking up what is no web address is a 400 that names the field."""
        ada = self.newcomer("ada")
        for url in (None, "", "javascript:alert(1)", "http://", "no address at all"):
            with self.subTest(url):
                answer = ada.api.get("/api/bookmarks/check-url", url=url)
                self.assertIn("url", self.assert_problem(answer, 400)["details"])


class GivenPages(EndToEndTest):
    """A page that comes with its link is not fetched"""

    def test_html(self):
        """The page's HTML is read as if it had been fetched."""
        ada = self.newcomer("ada")
        paragraphs = "".join(f"<p>The ferry to Föhr leaves at {hour} and takes fifty minutes with calm water.</p>" for hour in range(8))
        html = f"<html lang=en><head><title>Ferry</title></head><body><nav>Menu</nav><article><h1>The ferry</h1>{paragraphs}</article></body>"
        bookmark = ada.wait_until_ready(ada.save(self.site.url("/given/html"), html=html))
        self.assertIn(bookmark["title"], ("Ferry", "The ferry"))
        self.assertIn("fifty minutes", ada.content(bookmark["id"])["text"])
        self.assertTrue(ada.search("boat crossing to an island"))
        self.assert_never_asked("/given/html")

    def test_text(self):
        """Plain text is kept as it is."""
        ada = self.newcomer("ada")
        bookmark = ada.wait_until_ready(ada.save(self.site.url("/given/text"), title="Notes", text="1 < 2 & 3 > 2"))
        content = ada.content(bookmark["id"])
        self.assertEqual(content["text"], "1 < 2 & 3 > 2")
        self.assertIn("1 &lt; 2 &amp; 3", content["html"])
        self.assertEqual(bookmark["title"], "Notes")
        self.assert_never_asked("/given/text")

    def test_unsafe_html(self):
        """Scripts, handlers and script links in the HTML given are not in the content."""
        ada = self.newcomer("ada")
        html = (
            "<article><h1>Harmless</h1>" + "<p>An honest paragraph about gardening tools and their care.</p>" * 8
            + '<p onclick="evil()">Click <a href="javascript:evil()">here</a></p><script>evil()</script>'
            '<img src=x onerror="evil()"><iframe src="https://evil.example"></iframe><svg onload=evil()></svg></article>')
        bookmark = ada.wait_until_ready(ada.save(self.site.url("/given/unsafe"), html=html))
        kept = ada.content(bookmark["id"])["html"].lower()
        self.assertNotRegex(kept, r"evil|<script|onerror|onclick|onload|javascript:|<iframe")
        self.assert_never_asked("/given/unsafe")

    def test_extract_html(self):
        """The preview of a page that was sent along asks no site."""
        ada = self.newcomer("ada")
        html = "<title>Preview</title><article>" + "<p>Sentences enough to be an article about weaving baskets.</p>" * 8 + "</article>"
        page = self.assert_status(
            ada.api.post("/api/bookmarks/extract-url", {"url": self.site.url("/given/preview"), "html": html}), 200).json
        self.assertEqual(page["title"], "Preview")
        self.assertIn("weaving baskets", page["text"])
        self.assertGreater(page["word_count"], 40)
        self.assertEqual(ada.total(), 0)
        self.assert_never_asked("/given/preview")

    def assert_never_asked(self, path: str):
        time.sleep(0.3)
        self.assertEqual(self.site.visits(path), 0)
