import gzip
import time
from datetime import datetime, timezone

from harness import pages
from harness.case import EndToEndTest
from harness.pages import story
from harness.waiting import wait_until


class Failures(EndToEndTest):
    """Pages that cannot be had fail with a reason a person understands"""

    #: What each path answers, and what the bookmark's failure must say. All are asked for at once, because some take
    #: as long as the fetcher's patience.
    ROUTES = {
        "/missing": (pages.failing(404), "not found"),
        "/gone": (pages.failing(410), "gone"),
        "/forbidden": (pages.failing(403), "not allow|403"),
        "/unauthorized": (pages.failing(401, WWW_Authenticate="Basic"), "login|sign in"),
        "/teapot": (pages.failing(418), "418"),
        "/broken": (pages.failing(500), "problem|500"),
        "/bad-gateway": (pages.failing(502), "problem|502"),
        "/loop": (lambda visit: visit.redirect("/loop"), "redirect"),
        "/six/0": (lambda visit: visit.redirect("/six/1"), "redirect"),
        "/to-metadata": (lambda visit: visit.redirect("http://169.254.169.254/latest/meta-data/"), "private|reserved"),
        "/to-file": (lambda visit: visit.redirect("file:///etc/passwd"), "redirect|http"),
        "/to-script": (lambda visit: visit.redirect("javascript:alert(1)"), "redirect|http"),
        "/never-ending": (pages.never_ending, "too large|too long"),
        "/slow-drip": (pages.slow_drip, "too long"),
        "/silent": (pages.silent, "too long"),
        "/bomb": (pages.gzip_bomb, "too large"),
        "/huge": (lambda visit: visit.answer(b"<p>word word</p>" * 800_000), "too large"),
        "/reset": (pages.reset, "reached|understood|answer"),
        "/nonsense": (pages.nonsense, "understood|reached|answer"),
        "/pdf": (lambda visit: visit.answer(pages.PDF, type="application/pdf"), "PDF"),
        "/pdf-in-disguise": (lambda visit: visit.answer(pages.PDF, type="text/html"), "PDF"),
        "/image": (lambda visit: visit.answer(pages.PNG, type="image/png"), "image"),
        "/archive": (lambda visit: visit.answer(b"PK\x03\x04" + bytes(500), type="application/zip"), "file"),
        "/login": (lambda visit: visit.answer(pages.LOGIN.encode()), "sign in"),
        "/bot-check": (lambda visit: visit.answer(pages.BOT_CHECK.encode(), 403), "403|person"),
        "/quiet-bot-check": (lambda visit: visit.answer(pages.BOT_CHECK.encode()), "person"),
    }
    PASSING = {"/broken", "/bad-gateway", "/slow-drip", "/silent", "/reset", "/nonsense"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(1, 7):
            cls.site.route(f"/six/{number}", lambda visit, next=number + 1: visit.redirect(f"/six/{next}"))
        cls.site.page("/six/7", story("Seven hops away"))
        cls.ada = cls.server.newcomer("ada")
        cls.saved_at = datetime.now(timezone.utc)
        started = time.monotonic()
        saved = {}
        for path, (answer, _) in cls.ROUTES.items():
            url = cls.site.route(path, answer)
            saved[path] = cls.ada.save(url, title=f"Kept title of {path[1:]}")
        cls.first_status = {path: bookmark["status"] for path, bookmark in saved.items()}
        cls.bookmarks = {path: cls.ada.wait_until_settled(bookmark, timeout=60) for path, bookmark in saved.items()}
        cls.took = time.monotonic() - started

    def test_pending(self):
        """The answer to saving does not wait for the page."""
        self.assertEqual(set(self.first_status.values()), {"pending"})

    def test_reasons(self):
        """Each failure has its reason, in words."""
        for path, (_, words) in self.ROUTES.items():
            with self.subTest(path):
                bookmark = self.bookmarks[path]
                self.assertEqual(bookmark["status"], "failed", bookmark)
                self.assertRegex(bookmark["failure"], words)
                self.assertRegex(bookmark["failure"], r"^[A-Z].*[.]$")
                self.assertEqual(bookmark["title"], f"Kept title of {path[1:]}")

    def test_retries(self):
        """What may get better is tried again in about a minute; what cannot is final."""
        for path, bookmark in self.bookmarks.items():
            with self.subTest(path):
                if path not in self.PASSING:
                    self.assertIsNone(bookmark["next_retry_at"], bookmark)
                    continue
                wait = (datetime.fromisoformat(bookmark["next_retry_at"]) - self.saved_at).total_seconds()
                self.assertGreater(wait, 45)
                self.assertLess(wait, 75 + self.took)

    def test_kinds(self):
        """Error pages, logins and checks for robots are told apart."""
        for path, kind in [
            ("/missing", "error"), ("/broken", "error"), ("/login", "login"), ("/unauthorized", "login"),
            ("/quiet-bot-check", "bot_check"), ("/pdf", "media"), ("/image", "media"),
        ]:
            with self.subTest(path):
                self.assertEqual(self.bookmarks[path]["page_kind"], kind)

    def test_asked_once(self):
        """A final failure is not asked for again, and no redirect leads on for ever."""
        self.assertEqual(self.site.visits("/missing"), 1)
        self.assertLessEqual(self.site.visits("/loop"), 6)
        self.assertEqual(self.site.visits("/six/6"), 0)

    def test_still_useful(self):
        """A failed bookmark is listed, found by its title, changed and counted as failed."""
        self.assertEqual(self.ada.total(status="failed"), len(self.ROUTES))
        bookmark = self.bookmarks["/gone"]
        self.assertIn(bookmark["id"], [found["id"] for found in self.ada.search("kept title of gone", mode="text")])
        changed = self.ada.api.patch(f"/api/bookmarks/{bookmark['id']}", {"notes": "Look in the archive."})
        self.assertEqual(self.assert_status(changed, 200).json["notes"], "Look in the archive.")
        self.assert_problem(self.ada.api.get(f"/api/bookmarks/{bookmark['id']}/content"), 404)

    def test_no_content(self):
        """Nothing of an error page, a login or a check is found."""
        for words in ("forgot password", "sorry", "security connection", "javascript cookies"):
            self.assertEqual(self.ada.search(words, mode="text"), [], words)

    def test_patience(self):
        """No page is waited for longer than its ten seconds, also where several are slow."""
        self.assertLess(self.took, 40)

    def test_preview(self):
        """The preview of a page that cannot be had is a 422 that says why."""
        for path in ("/missing", "/broken", "/loop", "/bomb", "/pdf", "/reset", "/to-file"):
            with self.subTest(path):
                problem = self.assert_problem(
                    self.ada.api.post("/api/bookmarks/extract-url", {"url": self.site.url(path)}), 422)
                self.assertRegex(problem["message"], self.ROUTES[path][1])


class Recoveries(EndToEndTest):
    """What failed at first is tried again"""

    def test_retry_after(self):
        """A site that asks for a little patience gets it, and the page is read then."""
        ada = self.newcomer("ada")
        good = lambda visit: visit.answer(story("Rye bread").encode())  # noqa: E731
        url = self.site.route("/flaky", pages.at_first(1, pages.failing(503, Retry_After="3"), good))
        bookmark = ada.wait_until_settled(ada.save(url))
        self.assertEqual(bookmark["status"], "failed")
        self.assertIsNotNone(bookmark["next_retry_at"])
        ready = wait_until("it is ready", lambda: (now := ada.bookmark(bookmark["id"]))["status"] == "ready" and now)
        self.assertEqual((ready["failure"], ready["next_retry_at"], ready["title"]), (None, None, "Rye bread"))
        self.assertEqual(self.site.visits("/flaky"), 2)
        self.assertTrue(ada.search("rye flour", mode="text"))


class Pages(EndToEndTest):
    """Pages that are odd but can be read"""

    def read(self, path: str, answer) -> tuple[dict, str]:
        ada = self.newcomer("ada")
        bookmark = ada.wait_until_ready(ada.save(self.site.route(path, answer)))
        return bookmark, ada.content(bookmark["id"])["text"]

    def test_redirects(self):
        """Five redirects are followed, and the content says where it was found."""
        for number in range(5):
            self.site.route(f"/five/{number}", lambda visit, next=number + 1: visit.redirect(f"/five/{next}", 301 + next % 2))
        self.site.page("/five/5", story("Five hops away"))
        ada = self.newcomer("ada")
        bookmark = ada.wait_until_ready(ada.save(self.site.url("/five/0")))
        self.assertEqual(bookmark["url"], self.site.url("/five/0"))
        self.assertEqual(ada.content(bookmark["id"])["final_url"], self.site.url("/five/5"))

    def test_charsets(self):
        """Umlauts and other scripts arrive, whichever way a page says how it is written."""
        german, japanese = "Größe, Übermut und ein Stück Käse für fünf Mäuse. " * 6, "吾輩は猫である。名前はまだ無い。" * 12

        def html(text: str, meta: str) -> str:
            return f"<html><head>{meta}<title>Seite</title></head><body><article><h1>Seite</h1><p>{text}</p><p>{text}</p></article></body></html>"

        for name, body, type, words in [
            ("windows-1252 in meta", html(german, "<meta charset=windows-1252>").encode("cp1252"), "text/html", "Käse"),
            ("latin-1 in header", html(german, "").encode("latin-1"), "text/html; charset=ISO-8859-1", "Größe"),
            ("undeclared windows-1252", html(german, "").encode("cp1252"), "text/html", "fünf Mäuse"),
            ("undeclared utf-8", html(german, "").encode(), "text/html", "fünf Mäuse"),
            ("shift-jis", html(japanese, "<meta charset=Shift_JIS>").encode("shift_jis"), "text/html", "名前はまだ無い"),
            ("utf-16 with mark", html(german, "").encode("utf-16"), "text/html", "Übermut"),
            ("utf-8 mark against header", b"\xef\xbb\xbf" + html(german, "").encode(), "text/html; charset=latin1", "Stück"),
            ("unknown charset", html(german, "").encode(), "text/html; charset=klingon-8", "Stück"),
            ("latin-1 called utf-8", html(german, "").encode("latin-1"), "text/html; charset=utf-8", "Mäuse|M\ufffduse"),
        ]:
            with self.subTest(name):
                path = f"/charset/{name.replace(' ', '-')}"
                _, text = self.read(path, lambda visit, body=body, type=type: visit.answer(body, type=type))
                self.assertRegex(text, words)

    def test_large(self):
        """A page of nine megabytes, most of it scripts, icons and empty rows, is read."""
        ballast = f"<script>var data = '{'x' * 4_000_000}'</script><img src='data:image/png;base64,{'A' * 4_000_000}'>"
        body = story("Large", paragraphs=30).replace("</article>", "<tr><td></td></tr>" * 60_000 + "</article>" + ballast).encode()
        self.assertGreater(len(body), 9_000_000)
        bookmark, text = self.read("/large", lambda visit: visit.answer(body))
        self.assertEqual(bookmark["title"], "Large")
        self.assertIn("rye flour", text)

    def test_long(self):
        """A page as long as a novel is read to its end."""
        long = story("Long", paragraphs=2000).replace("</article>", "<p>The very last word is quokka.</p></article>")
        started = time.monotonic()
        ada = self.newcomer("ada")
        bookmark = ada.wait_until_ready(ada.save(self.site.page("/long", long)), timeout=60)
        self.note(f"{bookmark['word_count']} words in {time.monotonic() - started:.1f} s")
        self.assertEqual([found["id"] for found in ada.search("quokka", mode="text")], [bookmark["id"]])

    def test_compressed(self):
        """A compressed page is unpacked."""
        _, text = self.read("/gzip", lambda visit: visit.answer(gzip.compress(story("Gzip").encode()), Content_Encoding="gzip"))
        self.assertIn("rye flour", text)

    def test_called_compressed(self):
        """A page that is called compressed and is not is read, or called damaged."""
        ada = self.newcomer("ada")
        url = self.site.route("/not-gzip", lambda visit: visit.answer(story("Plain").encode(), Content_Encoding="gzip"))
        bookmark = ada.wait_until_settled(ada.save(url))
        if bookmark["status"] == "failed":
            self.assertRegex(bookmark["failure"], "damaged|unpacked")
        else:
            self.assertEqual(bookmark["title"], "Plain")

    def test_chunked(self):
        """A page that comes in pieces is put together."""

        def chunked(visit):
            visit.send_response(200)
            visit.send_header("Content-Type", "text/html")
            visit.send_header("Transfer-Encoding", "chunked")
            visit.end_headers()
            for piece in story("Pieces").encode().split(b"\n"):
                visit.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            visit.wfile.write(b"0\r\n\r\n")

        bookmark, _ = self.read("/chunked", chunked)
        self.assertEqual(bookmark["title"], "Pieces")

    def test_plain_text(self):
        """A text file is a page, too."""
        _, text = self.read("/notes.txt", lambda visit: visit.answer(b"Notes\n\nBuy rye & <salt>.", type="text/plain"))
        self.assertIn("Buy rye & <salt>.", text)

    def test_deep_markup(self):
        """Markup nested a hundred thousand deep neither stops nor slows the server."""
        body = b"<title>Deep</title>" + b"<div>" * 100_000 + pages.SENTENCE.encode() * 10
        ada = self.newcomer("ada")
        bookmark = ada.wait_until_settled(ada.save(self.site.route("/deep", lambda visit: visit.answer(body))))
        self.assertIn(bookmark["status"], ("ready", "failed"))
        self.assert_status(self.api.get("/health"), 200)

    def test_empty(self):
        """An empty page leaves a bookmark that is settled, found by its title and says what is the matter."""
        ada = self.newcomer("ada")
        for path, body in {"/empty": b"", "/blank": b" \n\n ", "/hollow": b"<html><body></body></html>"}.items():
            with self.subTest(path):
                url = self.site.route(path, lambda visit, body=body: visit.answer(body))
                bookmark = ada.wait_until_settled(ada.save(url, title=f"Title for {path[1:]}"))
                self.assertIn(bookmark["status"], ("ready", "failed"))
                self.assertEqual(bool(bookmark["failure"]), bookmark["status"] == "failed")
                self.assertTrue(ada.search(path[1:], mode="text"))

    def test_honest_name(self):
        """The site sees an honest name and an address to read about it."""
        self.read("/who", lambda visit: visit.answer(story("Who").encode()))
        [seen] = [request for request in self.site.seen if request.path == "/who"]
        self.assertRegex(seen.headers["User-Agent"], r"Fuze/.*\+https?://")
        self.assertNotIn("Authorization", seen.headers)

    def test_title_of_page(self):
        """A bookmark without a title takes the page's; one with a title keeps it."""
        ada = self.newcomer("ada")
        url = self.site.page("/titled", story("Rye &amp; salt"))
        self.assertEqual(ada.wait_until_ready(ada.save(url))["title"], "Rye & salt")
        own = ada.wait_until_ready(ada.save(self.site.page("/own", story("Theirs")), title="Mine"))
        self.assertEqual(own["title"], "Mine")
