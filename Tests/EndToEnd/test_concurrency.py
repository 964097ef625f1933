import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from harness.case import EndToEndTest
from harness.exports import Link, plain_export
from harness.people import PASSWORD


def at_once(count: int, action) -> list:
    """Runs an action so many times at the same moment, and gives what came of it."""
    gate = threading.Barrier(count)

    def run(number: int):
        gate.wait()
        return action(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


class Concurrency(EndToEndTest):
    """Many at once"""

    def test_same_link(self):
        """One link saved fifty times at once is one bookmark: one 201, and 200 for the others."""
        ada = self.newcomer("ada")
        answers = at_once(50, lambda _: ada.api.post("/api/bookmarks", {"url": "https://example.org/once", "text": "Once."}))
        self.assertEqual(sorted(answer.status for answer in answers), [200] * 49 + [201])
        self.assertEqual(len({answer.json["id"] for answer in answers}), 1)
        self.assertEqual(ada.total(), 1)

    def test_spellings(self):
        """Other spellings of one link at once are one bookmark, too."""
        ada = self.newcomer("ada")
        answers = at_once(20, lambda n: ada.api.post(
            "/api/bookmarks", {"url": f"http{'s' * (n % 2)}://example.org/same?utm_source={n}", "text": "Same."}))
        self.assertEqual(sorted(answer.status for answer in answers), [200] * 19 + [201])
        self.assertEqual(ada.total(), 1)

    def test_same_name(self):
        """One user name registered twenty times at once is one account."""
        answers = at_once(20, lambda n: self.api.post(
            "/api/auth/register", {"username": "crowd", "email": f"crowd{n}@example.org", "password": PASSWORD}))
        self.assertEqual(sorted(answer.status for answer in answers), [201] + [409] * 19)

    def test_refresh_race(self):
        """One refresh token used ten times at once is good once at most."""
        ada = self.newcomer("ada")
        answers = at_once(10, lambda _: self.api.post("/api/auth/refresh", {"refresh_token": ada.refresh_token}))
        self.assertLessEqual(sum(answer.status == 200 for answer in answers), 1)
        self.assertLessEqual({answer.status for answer in answers}, {200, 401})

    def test_delete_race(self):
        """One bookmark deleted ten times at once is deleted once."""
        ada = self.newcomer("ada")
        saved = ada.save("https://example.org/gone", text="Gone.")
        answers = at_once(10, lambda _: ada.api.delete(f"/api/bookmarks/{saved['id']}"))
        self.assertEqual(sorted(answer.status for answer in answers), [204] + [404] * 9)

    def test_delete_while_processed(self):
        """Bookmarks deleted while their pages are being read stay deleted."""
        ada = self.newcomer("ada")

        def answer(visit):
            time.sleep(0.2)
            visit.answer(b"<title>Late</title><article><p>A page that comes too late.</p></article>")

        saved = [ada.save(self.site.route(f"/late/{number}", answer)) for number in range(10)]
        time.sleep(0.1)
        for bookmark in saved:
            self.assert_status(ada.api.delete(f"/api/bookmarks/{bookmark['id']}"), 204)
        time.sleep(2.5)
        self.assertEqual(ada.total(), 0)
        for mode in ("text", "semantic"):
            self.assertEqual(ada.search("late page", mode=mode), [], mode)

    def test_login_flood(self):
        """A flood of sign-ins keeps nobody else waiting for long."""
        ada = self.newcomer("ada")
        waits = []

        def watch():
            while not flood_over.is_set():
                started = time.monotonic()
                self.assert_status(ada.api.get("/api/bookmarks"), 200)
                waits.append(time.monotonic() - started)

        flood_over = threading.Event()
        watcher = threading.Thread(target=watch)
        watcher.start()
        answers = at_once(60, lambda n: self.api.post("/api/auth/login", {"username": f"nobody{n}", "password": "wrong-password"}))
        flood_over.set()
        watcher.join()
        self.assertLessEqual({answer.status for answer in answers}, {401, 429, 503})
        self.note(f"the slowest of {len(waits)} lists during 60 sign-ins took {max(waits) * 1000:.0f} ms")
        self.assertLess(max(waits), 1)

    def test_readers_during_import(self):
        """Two hundred clients read and search without an error while an import runs."""
        ada = self.newcomer("ada")
        self.site.family("/crowd/", lambda name: f"<title>Crowd {name}</title><article><p>Crowd number {name} sings.</p></article>")
        links = [Link(self.site.url(f"/crowd/{number}"), f"Crowd {number}") for number in range(600)]
        job = ada.import_file(plain_export(links))
        paths = ["/api/bookmarks?per_page=20", "/api/search?q=crowd+sings", "/api/search?q=choir&mode=text", f"/api/jobs/{job['id']}"]
        results = at_once(200, lambda number: self.read_on(ada, [paths[(number + turn) % 4] for turn in range(8)]))
        statuses = {status for result in results for status, _ in result}
        waits = sorted(wait for result in results for _, wait in result)
        self.note(
            f"{len(waits)} requests of 200 clients during an import: median {waits[len(waits) // 2] * 1000:.0f} ms, "
            f"slowest {waits[-1] * 1000:.0f} ms")
        self.assertEqual(statuses, {200})
        self.assertEqual(ada.wait_for_job(job["id"], timeout=120)["status"], "succeeded")
        self.assertEqual(ada.total(status="ready"), 600)

    def read_on(self, person, paths: list[str]) -> list[tuple[int, float]]:
        """Sends requests one after another over one connection, and gives their statuses and times."""
        connection = http.client.HTTPConnection("127.0.0.1", person.api.port, timeout=60)
        seen = []
        for path in paths:
            started = time.monotonic()
            connection.request("GET", path, headers={"Authorization": f"Bearer {person.access_token}"})
            response = connection.getresponse()
            json.loads(response.read())
            seen.append((response.status, time.monotonic() - started))
        connection.close()
        return seen
