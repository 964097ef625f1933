import json

from harness.api import Api
from harness.case import EndToEndTest

JSON = {"Content-Type": "application/json"}


class Bodies(EndToEndTest):
    """Bodies that are not as they should be"""

    def setUp(self):
        self.ada = self.newcomer("ada")

    def save(self, body: bytes, headers: dict = JSON):
        return self.ada.api.request("POST", "/api/bookmarks", body, headers)

    def tearDown(self):
        if not self._testMethodName.startswith("test_fine"):
            self.assertEqual(self.ada.total(), 0)

    def test_malformed(self):
        """What is no JSON is a 400."""
        for body in (
            b"", b" ", b"{", b'{"url"', b'{"url":}', b'{"url":"https://example.org",}', b"{'url':'https://example.org'}",
            b'{"url":"https://example.org"} trailing', b'{"url":"https://example.org"}{}', b"undefined", b"NaN",
            b'{"url":"https://example.org","x":01}', b'{"url":"https://ex\nample.org"}', b"\x00", b"url=https://example.org",
            b'{"url":"https://example.org","notes":"\\u12"}', b'/* c */{"url":"https://example.org"}',
        ):
            with self.subTest(body):
                self.assert_problem(self.save(body), 400)

    def test_wrong_types(self):
        """Fields of a wrong type are a 400 that names them."""
        for field, values in {
            "url": [1, True, None, [], {}, ["https://example.org"]],
            "title": [1, [], {}, False], "notes": [3.5, ["x"]], "tags": ["x", 1, {}, [1], [None], [["x"]]],
            "category": [1, []], "html": [1, {}], "text": [[], 0],
        }.items():
            for value in values:
                with self.subTest(field=field, value=value):
                    body = json.dumps({"url": "https://example.org/"} | {field: value}).encode()
                    details = self.assert_problem(self.save(body), 400)["details"]
                    self.assertTrue([name for name in details if name.split("[")[0] == field], details)

    def test_not_an_object(self):
        """JSON that is no object is a 400."""
        for body in (b"[]", b"null", b"1", b'"https://example.org"', b"true", b'[{"url":"https://example.org"}]'):
            with self.subTest(body):
                self.assert_problem(self.save(body), 400)

    def test_invalid_utf8(self):
        """Bytes that are no UTF-8 are a 400."""
        for text in (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf8\x88\x80\x80\x80"):
            with self.subTest(text):
                self.assert_problem(self.save(b'{"url":"https://example.org/","notes":"' + text + b'"}'), 400)

    def test_lone_surrogates(self):
        """Half a surrogate pair is a 400, or becomes a replacement character."""
        answer = self.save(b'{"url":"https://example.org/","notes":"\\ud800"}')
        if answer.status == 201:
            self.assertEqual(answer.json["notes"], "\ufffd")
            self.ada.api.delete(f"/api/bookmarks/{answer.json['id']}")
        else:
            self.assert_problem(answer, 400)

    def test_deep(self):
        """Nesting without end is a 400."""
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            for closed in (True, False):
                nested = opening * 200_000 + (b"1" + closing * 200_000 if closed else b"")
                self.assert_problem(self.save(b'{"url":"https://example.org/","x":' + nested + b"}"), 400)

    def test_large(self):
        """A body of 20 MB is a 413."""
        body = json.dumps({"url": "https://example.org/", "notes": "x" * 20_000_000}).encode()
        self.assert_problem(self.save(body), 413)
        self.assert_problem(self.ada.api.request("PATCH", "/api/bookmarks/1", body, JSON), 404, 413)
        register = json.dumps({"username": "grace", "email": "g@example.org", "password": "x" * 20_000_000}).encode()
        self.assert_problem(self.api.request("POST", "/api/auth/register", register, JSON), 413)

    def test_other_types(self):
        """A body that is not called JSON is a 415."""
        body = b'{"url":"https://example.org/"}'
        for type in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data; boundary=x", "json"):
            with self.subTest(type):
                self.assert_problem(self.save(body, {"Content-Type": type}), 415)

    def test_fine_types(self):
        """JSON by any of its names is taken."""
        for number, type in enumerate(("application/json; charset=utf-8", "APPLICATION/JSON", "application/ld+json")):
            with self.subTest(type):
                body = json.dumps({"url": f"https://example.org/{number}", "text": "x"}).encode()
                self.assert_status(self.save(body, {"Content-Type": type}), 201)

    def test_fine_unknown_fields(self):
        """Unknown fields are ignored, whatever is in them."""
        body = {"url": "https://example.org/", "text": "x", "colour": "red", "id": 7, "user_id": 1, "nested": {"a": [1, {}]}}
        saved = self.assert_status(self.ada.api.post("/api/bookmarks", body), 201).json
        self.assertNotIn("colour", saved)
        self.assertEqual(self.ada.total(), 1)

    def test_fine_long_texts(self):
        """Nothing is refused for being long that a person could paste."""
        fields = {"title": "Long title " * 500, "notes": "A note with ünïcode 🎈.\n" * 20_000, "text": "word " * 100_000}
        saved = self.assert_status(self.ada.api.post("/api/bookmarks", {"url": "https://example.org/"} | fields), 201).json
        self.assertEqual((saved["title"].strip(), saved["notes"]), (fields["title"].strip(), fields["notes"]))
        self.ada.wait_until_ready(saved)

    def test_fine_odd_characters(self):
        """Controls, emoji and right-to-left text in a person's words come back as they were; a NUL may be replaced."""
        for number, text in enumerate(["a\x00b", "tab\tline\nend", "👩‍👩‍👧‍👦", "שלום עולם", "\u202eevil", "\ufeffmark", "e\u0301"]):
            with self.subTest(repr(text)):
                saved = self.ada.api.post("/api/bookmarks", {"url": f"https://example.org/{number}", "notes": text, "text": "x"})
                if saved.status == 201:
                    self.assertIn(self.ada.bookmark(saved.json["id"])["notes"], (text, text.replace("\x00", "\ufffd")))
                else:
                    self.assert_problem(saved, 400)

    def test_tags(self):
        """Too many tags, too long ones and an endless category are a 400 that names the field."""
        for field, value in (("tags", [f"t{n}" for n in range(201)]), ("tags", ["x" * 101]), ("category", "x" * 101)):
            answer = self.ada.api.post("/api/bookmarks", {"url": "https://example.org/", field: value})
            self.assertIn(field, self.assert_problem(answer, 400)["details"])


class Addresses(EndToEndTest):
    """Links that are none"""

    def test_refused(self):
        """What is no web address is a 400 that names the field, for saving and for the preview."""
        ada = self.newcomer("ada")
        for url in (
            "", " ", "\n", "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
            "file:///etc/passwd", "data:text/html,<script>alert(1)</script>", "ftp://example.org/x", "mailto:a@example.org",
            "tel:+4940123", "about:blank", "chrome://settings", "blob:https://example.org/x", "view-source:https://example.org",
            "http://", "https://", "http://[::1", "http://exa mple.org", "http://example.org:99999/",
            "http://256.256.256.256/", "https://example.org/" + "x" * 100_000, "two words", "http://?query", "http://#",
            "http://%00example.org/",
        ):
            with self.subTest(url[:60]):
                for path in ("/api/bookmarks", "/api/bookmarks/extract-url"):
                    problem = self.assert_problem(ada.api.post(path, {"url": url}), 400)
                    self.assertIn("url", problem["details"])
        self.assertEqual(ada.total(), 0)

    def test_missing(self):
        """A body without an address is a 400 that names the field."""
        ada = self.newcomer("ada")
        for path in ("/api/bookmarks", "/api/bookmarks/extract-url"):
            self.assertIn("url", self.assert_problem(ada.api.post(path, {"title": "x"}), 400)["details"])

    def test_pasted(self):
        """The scheme may be left out, and spaces around do not count."""
        ada = self.newcomer("ada")
        for url in ("example.org/pasted", "  https://example.org/spaces \n", "www.example.org"):
            with self.subTest(url):
                self.assert_status(ada.api.post("/api/bookmarks", {"url": url, "text": "x"}), 201)


class Lists(EndToEndTest):
    """Query parameters that are none"""

    def test_paging(self):
        """Sizes and pages out of range, and cursors that are none, are a 400 that names the parameter."""
        ada = self.newcomer("ada")
        for path, query in (("/api/bookmarks", {}), ("/api/jobs", {}), ("/api/search", {"q": "x"})):
            for name, values in {
                "per_page": [0, -1, 101, "abc", "1e3", "10.5", "99999999999999999999", "１０", "0x10", "+"],
                "page": [0, -1, "abc", "99999999999999999999"], "limit": [0, -1, 101, "all"], "offset": [-1, "x"],
            }.items():
                for value in values:
                    with self.subTest(path=path, name=name, value=value):
                        problem = self.assert_problem(ada.api.get(path, **query, **{name: value}), 400)
                        self.assertIn(name, problem["details"])

    def test_cursors(self):
        """Cursors that are none, or of another list, are a 400."""
        ada = self.newcomer("ada")
        for number in range(3):
            ada.save(f"https://example.org/{number}", text="x")
        cursor = ada.bookmarks(per_page=1)["next_cursor"]
        for path in ("/api/bookmarks", "/api/jobs"):
            for value in ("x", "AAAA", "e30", "bnVsbA", cursor[:-2], cursor + "AA", cursor[::-1], "=" * 50, "A" * 10_000, "%00", "🎈"):
                with self.subTest(path=path, cursor=value[:30]):
                    answer = ada.api.get(path, cursor=value)
                    self.assertIn("cursor", self.assert_problem(answer, 400)["details"])
        self.assert_problem(ada.api.get("/api/jobs", cursor=cursor), 400)

    def test_filters(self):
        """Filters of a wrong kind are a 400 that names them; unknown values find nothing."""
        ada = self.newcomer("ada")
        for path, query in (("/api/bookmarks", {}), ("/api/search", {"q": "x"})):
            for name, value in (("status", "finished"), ("from", "yesterday"), ("to", "2026-13-01"), ("from", "2026-02-30"), ("to", "0")):
                with self.subTest(path=path, name=name, value=value):
                    self.assertIn(name, self.assert_problem(ada.api.get(path, **query, **{name: value}), 400)["details"])
            for name, value in (("tag", "' OR 1=1 --"), ("category", "%"), ("domain", "*"), ("tag", "\x00"), ("tag", "x" * 5000)):
                self.assertEqual(self.assert_status(ada.api.get(path, **query, **{name: value}), 200).json["items"], [])

    def test_ids(self):
        """What is no id names nothing."""
        ada = self.newcomer("ada")
        for id in (
            "0", "-1", "9999999999999999999", "9223372036854775807", "abc", "1.0", "1e3", "%20", "%00", "%EF%BC%91", "null",
            "0x1", "1%2F2", "'", "%F0%9F%8E%88",
        ):
            with self.subTest(id):
                for path in (f"/api/bookmarks/{id}", f"/api/bookmarks/{id}/content", f"/api/jobs/{id}", f"/api/jobs/{id}/events"):
                    self.assert_problem(ada.api.get(path), 404)
                self.assert_problem(ada.api.patch(f"/api/bookmarks/{id}", {"title": "x"}), 404)
                self.assert_problem(ada.api.delete(f"/api/bookmarks/{id}"), 404)


class Queries(EndToEndTest):
    """Searches for whatever people type"""

    ODD = (
        '"', '""', "'", '"unclosed', "*", "**", "a*", "*a", "AND", "OR", "NOT", "AND OR NOT NEAR(", "NEAR(a b, 5)", "(", ")", "()",
        "a AND", "NOT a", "-", "-a", "+a", "^a", "a^2", ":", "title:", "title:a", "{title content}: a", "content : a", "a:b:c",
        "\\", "/", "//", "%", "%%", "_", "?", "#", "&", "=", "~", "<b>", "</mark>", "&amp;", "$1", "${x}", "{{7*7}}", ";",
        "'; DROP TABLE bookmarks; --", "1 OR 1=1", "🎈", "👩‍👩‍👧‍👦", "日本語", "שלום", "\u202e", "\u200b", "\ufeff", "e\u0301", "ﬁ",
        "a\x00b", "\x00", "\x01\x02", "\t\n", " ", "     ", ".", "...", ",", "-" * 100, "a " * 1000, "x" * 10_000,
        "ünï " * 700, "a OR " * 500, '"a" ' * 500, "(" * 3000, "ß" * 1000,
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.newcomer("ada")
        cls.honey = cls.ada.save("https://example.org/honey", text="The honey harvest begins when the lime trees bloom.")
        cls.chess = cls.ada.save("https://example.org/chess", text="A chess clock has two faces and two buttons.")
        cls.ada.wait_until_ready(cls.honey)
        cls.ada.wait_until_ready(cls.chess)

    def test_odd_queries(self):
        """No query is an error, and none is an empty word of the server's own."""
        for query in self.ODD:
            for mode in ("hybrid", "semantic", "text"):
                with self.subTest(query=query[:40], mode=mode):
                    answer = self.ada.api.get("/api/search", q=query, mode=mode)
                    if answer.status != 200:
                        self.assertEqual(query.strip("\x00\t\n \u200b\ufeff"), "", answer)
                        self.assert_problem(answer, 400)

    def test_plain_words_keep_their_meaning(self):
        """Signs around a word do not change what it finds."""
        for query in (
            "honey", "HONEY", '"honey', 'honey"', '"honey"', "honey*", "(honey", "honey)", "-honey", "+honey", "^honey", "honey:",
            "honey AND", "AND honey", "NOT honey", "honey OR", "NEAR(honey", "honey?", "honey!", "#honey", "honey;--", "'honey'",
            "honey\x00", "🍯 honey", "honey/harvest", "honey,harvest", "<b>honey</b>", "{honey}", "honey\\", "%honey%",
        ):
            with self.subTest(query):
                self.assertEqual(self.ada.search(query, mode="text")[0]["id"], self.honey["id"])
                self.assertEqual(self.ada.search(query)[0]["id"], self.honey["id"])
        for odd, plain in (("honey AND chess", "chess and honey"), ("NOT honey", "not honey"), ('"chess honey"', "chess honey")):
            self.assertEqual(self.found(odd), self.found(plain))

    def found(self, query: str) -> set[int]:
        return {result["id"] for result in self.ada.search(query, mode="text")}

    def test_missing(self):
        """A search without a query, or with a mode that is none, is a 400 that names it."""
        self.assertIn("q", self.assert_problem(self.ada.api.get("/api/search"), 400)["details"])
        self.assertIn("q", self.assert_problem(self.ada.api.get("/api/search", q=""), 400)["details"])
        self.assertIn("mode", self.assert_problem(self.ada.api.get("/api/search", q="x", mode="magic"), 400)["details"])

    def test_bad_encoding(self):
        """A query that is not well percent-encoded, or no UTF-8, is never an error of the server's."""
        for raw in ("%", "%zz", "%e2%82", "%ff%fe", "%u0041", "a+b%20c", "%00%00", "honey%"):
            with self.subTest(raw):
                answer = self.ada.api.get(f"/api/search?q={raw}")
                if answer.status != 200:
                    self.assert_problem(answer, 400)


class Routes(EndToEndTest):
    """Addresses and methods that are none"""

    def test_unmatched(self):
        """An address that is none is a 404 in the usual shape, with or without a token."""
        ada = self.newcomer("ada")
        for path in ("/nothing", "/api", "/api/", "/api/nothing", "/api/v1/nothing", "/api/v2/bookmarks", "/api/bookmarks/1/2/3",
                     "/api/auth", "/../etc/passwd", "/docs/../../etc/passwd", "/docs/%2e%2e%2fsecret.key", "/.env", "//", "/%00", "/health/x"):
            with self.subTest(path):
                self.assert_problem(self.api.get(path), 404)
                self.assert_problem(ada.api.get(path), 404)

    def test_methods(self):
        """A method that an address does not know is a 405 that says which it knows."""
        ada = self.newcomer("ada")
        for method, path, allowed in [
            ("PUT", "/api/bookmarks", {"GET", "POST"}), ("DELETE", "/api/bookmarks", {"GET", "POST"}),
            ("POST", "/api/bookmarks/1", {"GET", "PATCH", "DELETE"}), ("GET", "/api/auth/login", {"POST"}),
            ("DELETE", "/api/auth/register", {"POST"}), ("POST", "/health", {"GET"}), ("PUT", "/api/search", {"GET"}),
            ("GET", "/api/bookmarks/import", {"POST"}), ("TRACE", "/version", {"GET"}),
        ]:
            with self.subTest(f"{method} {path}"):
                answer = ada.api.request(method, path)
                if (method, path) == ("GET", "/api/bookmarks/import") and answer.status == 404:
                    continue  # `import` is no id, either.
                self.assert_problem(answer, 405)
                self.assertLessEqual(allowed, {word.strip() for word in answer.headers["Allow"].split(",")})

    def test_request_id(self):
        """A caller's request id is given back; one that would break a header or a log is replaced."""
        own = self.api.request("GET", "/health", headers={"X-Request-ID": "trace-42.a_b"})
        self.assertEqual(own.headers["X-Request-ID"], "trace-42.a_b")
        problem = self.api.request("GET", "/api/bookmarks", headers={"X-Request-ID": "trace-43"})
        self.assertEqual(self.assert_problem(problem, 401)["request_id"], "trace-43")
        ids = {self.api.get("/health").headers["X-Request-ID"] for _ in range(20)}
        self.assertEqual(len(ids), 20)
        for odd in ("x" * 500, "a b", '"><script>', "é"):
            given = self.api.request("GET", "/health", headers={"X-Request-ID": odd.encode().decode("latin-1")})
            self.assertRegex(given.headers["X-Request-ID"], r"^[A-Za-z0-9._-]{1,64}$")

    def test_version_prefix(self):
        """`/api/v1` is the same as `/api`."""
        ada = self.newcomer("ada")
        saved = self.assert_status(ada.api.post("/api/v1/bookmarks", {"url": "https://example.org/", "text": "Lark."}), 201).json
        self.assertEqual(ada.api.get(f"/api/v1/bookmarks/{saved['id']}").json["id"], saved["id"])
        self.assertEqual(ada.api.get("/api/v1/bookmarks").json["total"], 1)
        self.assert_status(self.api.get("/api/v1/health"), 200)
        self.assert_problem(self.api.get("/api/v1/bookmarks"), 401)

    def test_head(self):
        """HEAD answers as GET does, without the body."""
        ada = self.newcomer("ada")
        for path in ("/health", "/version", "/api/bookmarks", "/docs", "/openapi.yaml"):
            with self.subTest(path):
                get, head = ada.api.get(path), ada.api.request("HEAD", path)
                self.assertEqual((head.status, head.body), (200, b""))
                self.assertEqual(head.headers["Content-Type"], get.headers["Content-Type"])
                if "health" not in path:
                    self.assertEqual(head.headers["Content-Length"], get.headers["Content-Length"])
        self.assertEqual(ada.api.request("HEAD", "/api/bookmarks/999999").status, 404)
        self.assertEqual(Api(self.api.port).request("HEAD", "/api/bookmarks").status, 401)

    def test_options(self):
        """OPTIONS says which methods there are."""
        answer = self.api.request("OPTIONS", "/api/bookmarks")
        self.assertIn(answer.status, (200, 204))
        self.assertLessEqual({"GET", "POST"}, {word.strip() for word in answer.headers["Allow"].split(",")})

    def test_security_headers(self):
        """Every answer forbids browsers to guess its type."""
        for path in ("/health", "/api/bookmarks", "/docs", "/nothing"):
            self.assertEqual(self.api.get(path).headers["X-Content-Type-Options"], "nosniff", path)
        self.assertIsNone(self.api.request("GET", "/health", headers={"Origin": "https://evil.example"}).headers["Access-Control-Allow-Origin"])
