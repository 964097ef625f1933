from harness.case import EndToEndTest
from harness.exports import Link, plain_export

URL = "https://example.org/diary?of=ada"
TEXT = "The analytical engine weaves algebraic patterns as the loom weaves flowers and leaves."


class Strangers(EndToEndTest):
    """A second user sees nothing of the first"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.newcomer("ada")
        cls.bookmark = cls.ada.wait_until_ready(
            cls.ada.save(URL, title="Engine notes", text=TEXT, tags=["looms"], category="Secret"))
        cls.job = cls.ada.wait_for_job(
            cls.ada.import_file(plain_export([Link("https://example.org/loom", "A loom")]), skip_fetch=True)["id"])
        cls.grace = cls.server.newcomer("grace")

    def test_lists(self):
        """Lists and counts are empty, with any filter."""
        for query in ({}, {"tag": "looms"}, {"category": "Secret"}, {"domain": "example.org"}, {"status": "ready"}):
            self.assertEqual(self.grace.bookmarks(**query)["items"], [])
            self.assertEqual(self.grace.bookmarks(**query)["total"], 0)

    def test_one(self):
        """The bookmark does not exist: reading, changing, deleting it or its content is a 404 like any other."""
        path = f"/api/bookmarks/{self.bookmark['id']}"
        for answer, other in [
            (self.grace.api.get(path), self.grace.api.get("/api/bookmarks/999999999")),
            (self.grace.api.patch(path, {"title": "Stolen"}), self.grace.api.patch("/api/bookmarks/999999999", {"title": "x"})),
            (self.grace.api.delete(path), self.grace.api.delete("/api/bookmarks/999999999")),
            (self.grace.api.get(path + "/content"), self.grace.api.get("/api/bookmarks/999999999/content")),
        ]:
            problem, usual = self.assert_problem(answer, 404), self.assert_problem(other, 404)
            self.assertEqual(problem | {"request_id": ""}, usual | {"request_id": ""})
        self.assertEqual(self.ada.bookmark(self.bookmark["id"])["title"], "Engine notes")

    def test_search(self):
        """No kind of search finds it, nor counts it."""
        for mode in ("hybrid", "semantic", "text"):
            for query in ("analytical engine", "weaving machine", "looms", "Secret", URL):
                answer = self.grace.api.get("/api/search", q=query, mode=mode).json
                self.assertEqual((answer["items"], answer["total"]), ([], 0), (mode, query))

    def test_jobs(self):
        """Jobs are not listed, shown, followed, cancelled or retried."""
        self.assertEqual(self.grace.api.get("/api/jobs").json["items"], [])
        path = f"/api/jobs/{self.job['id']}"
        for method, end in [("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("POST", "/retry")]:
            self.assert_problem(self.grace.api.request(method, path + end), 404)
        self.assertEqual(self.ada.job(self.job["id"])["status"], "succeeded")

    def test_duplicates(self):
        """Saving and looking up the same link tells nothing of the first user's."""
        grace = self.newcomer("grace")
        self.assertEqual(
            grace.api.get("/api/bookmarks/check-url", url=URL).json, {"exists": False, "match": None, "bookmark": None})
        similar = grace.api.post("/api/bookmarks", {"url": URL.replace("ada", "grace"), "text": "Mine."})
        self.assertNotIn("duplicate", self.assert_status(similar, 201).json)
        grace.api.delete(f"/api/bookmarks/{similar.json['id']}")
        own = grace.api.post("/api/bookmarks", {"url": URL, "text": "My own words."})
        self.assertNotIn("duplicate", self.assert_status(own, 201).json)
        self.assertNotEqual(own.json["id"], self.bookmark["id"])
        self.assertNotEqual(grace.wait_until_ready(own.json)["title"], "Engine notes")
        self.assertEqual(self.ada.content(self.bookmark["id"])["text"], TEXT)

    def test_deleting_own(self):
        """Deleting one's own copy leaves the other's."""
        grace = self.newcomer("grace")
        own = grace.wait_until_ready(grace.save(URL, text=TEXT))
        self.assert_status(grace.api.delete(f"/api/bookmarks/{own['id']}"), 204)
        self.assertEqual(self.ada.search("algebraic patterns")[0]["id"], self.bookmark["id"])

    def test_strangers_at_the_door(self):
        """Without a token every address of a person's things is a 401."""
        for method, path in [
            ("GET", "/api/bookmarks"), ("POST", "/api/bookmarks"), ("GET", f"/api/bookmarks/{self.bookmark['id']}"),
            ("PATCH", f"/api/bookmarks/{self.bookmark['id']}"), ("DELETE", f"/api/bookmarks/{self.bookmark['id']}"),
            ("GET", f"/api/bookmarks/{self.bookmark['id']}/content"), ("GET", "/api/bookmarks/check-url?url=x"),
            ("POST", "/api/bookmarks/extract-url"), ("POST", "/api/bookmarks/import"), ("GET", "/api/search?q=x"),
            ("GET", "/api/jobs"), ("GET", f"/api/jobs/{self.job['id']}"), ("GET", f"/api/jobs/{self.job['id']}/events"),
            ("POST", f"/api/jobs/{self.job['id']}/cancel"), ("GET", "/api/auth/me"), ("POST", "/api/auth/logout"),
        ]:
            with self.subTest(f"{method} {path}"):
                answer = self.api.request(method, path, b"{}" if method in ("POST", "PATCH") else None)
                self.assert_problem(answer, 401)
                self.assertIn("Bearer", answer.headers["WWW-Authenticate"])


class Statistics(EndToEndTest):
    """Word statistics are each user's own"""

    def test_scores(self):
        """What others save changes neither order nor scores of one's searches."""
        ada, grace = self.newcomer("ada"), self.newcomer("grace")
        for number, text in enumerate([
            "A heron stands in the reeds.", "The reeds whisper while the heron waits for a fish.",
            "Fish stew with saffron and fennel.", "Reeds are cut in winter for thatching the roof.",
        ]):
            ada.wait_until_ready(ada.save(f"https://example.org/{number}", text=text))
        before = self.scores(ada)
        for number in range(25):
            saved = grace.save(f"https://example.com/{number}", text=f"A heron, reeds and fish, number {number}. " * (number + 1))
        grace.wait_until_ready(saved)
        self.assertEqual(self.scores(ada), before)

    @staticmethod
    def scores(person) -> dict:
        return {
            (query, mode): [(found["id"], found["score"], found["legs"]) for found in person.search(query, mode=mode)]
            for query in ("heron", "reeds fish", "bird in the water") for mode in ("hybrid", "semantic", "text")}
