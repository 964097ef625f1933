import time

from harness.case import EndToEndTest
from harness.exports import Link, plain_export
from harness.waiting import wait_until

MEMBERS = {
    "id", "url", "domain", "title", "notes", "tags", "category", "status", "failure", "next_retry_at", "site_name", "byline",
    "excerpt", "image", "lang", "published_at", "page_kind", "word_count", "created_at", "updated_at",
}


class Lists(EndToEndTest):
    """A list of bookmarks"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.newcomer("ada")
        for number in range(25):
            cls.ada.save(
                f"https://{'www.' * (number % 2)}{'even' if number % 2 == 0 else 'odd'}.example/{number}", text="x",
                tags=["All", f"Tag {number % 5}"], category="First" if number < 10 else "Second", title=f"Number {number}")

    def titles(self, **query) -> list[str]:
        return [item["title"] for item in self.ada.bookmarks(**query)["items"]]

    def test_shape(self):
        """A page has its items, numbers and the way on."""
        page = self.ada.bookmarks()
        self.assertEqual(set(page), {"items", "page", "per_page", "total", "next_cursor"})
        self.assertEqual((page["page"], page["per_page"], page["total"], len(page["items"])), (1, 10, 25, 10))
        self.assertEqual(set(page["items"][0]), MEMBERS)
        self.assertRegex(page["items"][0]["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")

    def test_newest_first(self):
        """The newest come first, and no page repeats another."""
        expected = [f"Number {number}" for number in reversed(range(25))]
        self.assertEqual(self.titles(page=1) + self.titles(page=2) + self.titles(page=3), expected)
        self.assertEqual(self.titles(page=4), [])
        self.assertEqual(self.titles(limit=5, offset=7), expected[7:12])
        self.assertEqual([item["title"] for item in self.ada.all_bookmarks()], expected)

    def test_filters(self):
        """Filters narrow the list and its total, alone and together."""
        for query, count in [
            ({"tag": "All"}, 25), ({"tag": "tag 3"}, 5), ({"category": "First"}, 10), ({"domain": "odd.example"}, 12),
            ({"domain": "WWW.odd.example"}, 12), ({"tag": "Tag 3", "category": "First"}, 2), ({"from": "2020-01-01"}, 25),
            ({"to": "2020-01-01"}, 0), ({"from": "2999-01-01T00:00:00Z"}, 0), ({"domain": "example"}, 0), ({"tag": ""}, 25),
        ]:
            with self.subTest(query):
                page = self.ada.bookmarks(per_page=100, **query)
                self.assertEqual((page["total"], len(page["items"])), (count, count))

    def test_cursor_is_stable(self):
        """A list followed by its cursors shows everything once while others are added and removed."""
        ada = self.newcomer("ada")
        saved = [ada.save(f"https://example.org/{number}", text="x") for number in range(12)]
        first = ada.bookmarks(per_page=5)
        ada.save("https://example.org/new", text="x")
        ada.api.delete(f"/api/bookmarks/{first['items'][4]['id']}")
        rest = ada.bookmarks(per_page=50, cursor=first["next_cursor"])
        ids = [item["id"] for item in first["items"] + rest["items"]]
        self.assertEqual(sorted(ids), sorted(bookmark["id"] for bookmark in saved))
        self.assertIsNone(rest["next_cursor"])

    def test_last_page(self):
        """The last page has no cursor, also where it is full."""
        page = self.ada.bookmarks(per_page=5, page=5)
        self.assertEqual(len(page["items"]), 5)
        self.assertIsNone(page["next_cursor"])


class Changes(EndToEndTest):
    """What a person changes"""

    def test_patch(self):
        """What is sent changes, is found at once, and what is not sent stays."""
        ada = self.newcomer("ada")
        saved = ada.wait_until_ready(ada.save(
            "https://example.org/", text="Words of the page.", title="Before", tags=["one"], category="Kept", notes="Kept."))
        changed = ada.api.patch(f"/api/bookmarks/{saved['id']}", {"title": "Zeppelin", "tags": ["two", "TWO", " three "]})
        changed = self.assert_status(changed, 200).json
        self.assertEqual(
            (changed["title"], changed["tags"], changed["category"], changed["notes"]), ("Zeppelin", ["two", "three"], "Kept", "Kept."))
        self.assertGreater(changed["updated_at"], saved["updated_at"])
        self.assertEqual(changed["created_at"], saved["created_at"])
        self.assertEqual(len(ada.search("zeppelin", mode="text")), 1)
        self.assertEqual(ada.search("before", mode="text"), [])
        self.assertEqual(len(ada.search("words of the page", mode="text")), 1)
        self.assertEqual((ada.total(tag="two"), ada.total(tag="one")), (1, 0))

    def test_null_category(self):
        """`null` takes the category away."""
        ada = self.newcomer("ada")
        saved = ada.save("https://example.org/", text="x", category="Gone")
        changed = ada.api.patch(f"/api/bookmarks/{saved['id']}", {"category": None}).json
        self.assertIsNone(changed["category"])
        self.assertEqual(ada.total(category="Gone"), 0)

    def test_emptied(self):
        """Notes and tags can be emptied."""
        ada = self.newcomer("ada")
        saved = ada.save("https://example.org/", text="x", notes="Pelican", tags=["bird"])
        changed = ada.api.patch(f"/api/bookmarks/{saved['id']}", {"notes": "", "tags": []}).json
        self.assertEqual((changed["notes"], changed["tags"]), ("", []))
        self.assertEqual(ada.search("pelican", mode="text"), [])

    def test_while_processed(self):
        """A change made while the page is being read is not overwritten."""
        ada = self.newcomer("ada")
        self.site.page("/mine", "<title>Theirs</title><article><p>" + "Their own words about harps. " * 20 + "</p></article>")
        saved = ada.save(self.site.url("/mine"))
        ada.api.patch(f"/api/bookmarks/{saved['id']}", {"title": "Mine", "notes": "My note", "tags": ["kept"]})
        ready = ada.wait_until_ready(saved)
        self.assertEqual((ready["title"], ready["notes"], ready["tags"]), ("Mine", "My note", ["kept"]))
        self.assertEqual(len(ada.search("harps", mode="text")), 1)

    def test_fixed_members(self):
        """Address, status and owner are not for a person to change."""
        ada = self.newcomer("ada")
        saved = ada.wait_until_ready(ada.save("https://example.org/", text="x"))
        answer = ada.api.patch(f"/api/bookmarks/{saved['id']}", {"url": "https://evil.example/", "status": "failed", "id": 1, "user_id": 1})
        changed = self.assert_status(answer, 200).json
        self.assertEqual((changed["url"], changed["status"], changed["id"]), (saved["url"], "ready", saved["id"]))


class Jobs(EndToEndTest):
    """Work in the background"""

    def test_cancel_and_retry(self):
        """An import can be cancelled and later goes on to its end."""
        ada = self.newcomer("ada")

        def slow(visit):
            time.sleep(0.05)
            visit.answer(b"<title>Slow</title><article><p>A page that takes its time.</p></article>")

        links = [Link(self.site.route(f"/slow/{number}", slow), f"Slow {number}") for number in range(150)]
        job = ada.import_file(plain_export(links))
        wait_until("some are ready", lambda: ada.total(status="ready") >= 5)
        self.assert_status(ada.api.request("POST", f"/api/jobs/{job['id']}/cancel"), 202)
        stopped = ada.wait_for_job(job["id"])
        self.assertGreater(stopped["children"]["cancelled"], 0)
        ready = ada.total(status="ready")
        self.assertLess(ready, 150)
        self.assert_status(ada.api.request("POST", f"/api/jobs/{job['id']}/retry"), 202)
        finished = ada.wait_for_job(job["id"])
        self.assertEqual(finished["status"], "succeeded")
        self.assertEqual(ada.total(status="ready"), 150)

    def test_retry_of_success(self):
        """What has succeeded cannot be tried again."""
        ada = self.newcomer("ada")
        job = ada.wait_for_job(ada.import_file(plain_export([Link("https://example.org/", "x")]), skip_fetch=True)["id"])
        self.assert_problem(ada.api.request("POST", f"/api/jobs/{job['id']}/retry"), 409)

    def test_list(self):
        """Jobs are listed, newest first."""
        ada = self.newcomer("ada")
        ids = [ada.import_file(plain_export([Link(f"https://example.org/{n}", "x")]), skip_fetch=True)["id"] for n in range(3)]
        for id in ids:
            ada.wait_for_job(id)
        page = self.assert_status(ada.api.get("/api/jobs"), 200).json
        self.assertEqual([job["id"] for job in page["items"]], ids[::-1])
        self.assertEqual(page["total"], 3)
        self.assertEqual(
            set(page["items"][0]),
            {"id", "kind", "status", "progress", "children", "result", "failure", "attempts", "next_retry_at", "created_at",
             "started_at", "finished_at"})

    def test_events_of_finished(self):
        """The events of a job that is over are its last state, and the end."""
        ada = self.newcomer("ada")
        job = ada.wait_for_job(ada.import_file(plain_export([Link("https://example.org/", "x")]), skip_fetch=True)["id"])
        self.assertEqual([(name, state["status"]) for name, state in ada.follow_job(job["id"])], [("done", "succeeded")])
