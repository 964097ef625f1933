import copy
import http.client
import signal
import threading
import time

from harness.case import OwnServerTest
from harness.exports import Link, plain_export
from harness.people import Person
from harness.server import FuzeServer
from harness.waiting import wait_until


def tiny_page(name: str) -> str:
    return f"<!doctype html><title>Note {name}</title><article><h1>Note {name}</h1><p>Note {name} is about the lamps in hall {name}.</p></article>"


class Saver(threading.Thread):
    """Somebody who goes on saving links one by one until the server is gone."""

    def __init__(self, person: Person, url):
        super().__init__(daemon=True)
        self.person, self.url = person, url
        self.tried = 0
        #: Bookmarks that the server said it has.
        self.acknowledged: list[dict] = []
        self.refused: list = []

    def run(self):
        while True:
            self.tried += 1
            try:
                answer = self.person.api.post("/api/bookmarks", {"url": self.url(self.tried)})
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 201:
                self.acknowledged.append(answer.json)
            else:
                self.refused.append(answer)


class Crash(OwnServerTest):
    """A killed server loses nothing that it acknowledged"""

    LINKS = 5000

    def test_kill_during_import(self):
        """Killed while it reads the file, and again while it fetches, an import of 5,000 links goes on where it was."""
        self.site.family("/tiny/", tiny_page)
        self.site.family("/single/", tiny_page)
        server = self.serve()
        ada = server.newcomer("ada")
        job = ada.import_file(plain_export([Link(self.site.url(f"/tiny/{n}"), f"Tiny {n}") for n in range(self.LINKS)]))
        started = time.monotonic()
        savers = [
            self.kill_when(ada, "a", "records are made", lambda: ada.total() >= 500),
            self.kill_when(ada, "b", "pages are fetched", lambda: ada.total(status="ready") >= 700),
        ]
        finished = ada.wait_for_job(job["id"], timeout=240)
        took = time.monotonic() - started
        acknowledged = [bookmark for saver in savers for bookmark in saver.acknowledged]
        self.assertEqual([saver.refused for saver in savers], [[], []])
        wait_until("the links saved meanwhile are ready", lambda: ada.total(status="pending") == 0, timeout=60)
        self.note(f"two kills, {len(acknowledged)} links saved meanwhile, all done after {took:.0f} s")

        self.assertEqual(finished["status"], "succeeded")
        result = finished["result"]
        self.assertEqual((result["imported"], result["duplicates"], result["refused"]), (self.LINKS, 0, 0))
        everything = ada.all_bookmarks()
        urls = [bookmark["url"] for bookmark in everything]
        self.assertEqual(len(urls), len(set(urls)), "a link is there twice")
        self.assertEqual(sum("/tiny/" in url for url in urls), self.LINKS)
        self.assertLessEqual({bookmark["id"] for bookmark in acknowledged}, {bookmark["id"] for bookmark in everything})
        self.assertEqual({bookmark["status"] for bookmark in everything}, {"ready"})
        self.assertEqual(ada.total(), len(urls))
        self.assert_found(ada)
        self.assert_not_fetched_again(len(urls))
        self.assertEqual(server.terminate(), 0)
        self.assertEqual(server.integrity(), "ok")

    def kill_when(self, person: Person, name: str, what: str, condition) -> Saver:
        """Kills the server while somebody saves links, checks what is left, and starts it again."""
        saver = Saver(person, lambda number: self.site.url(f"/single/{name}{number}"))
        saver.start()
        wait_until(what, condition, timeout=120, pause=0.02)
        at_kill = person.total()
        self.server.kill()
        saver.join(30)
        self.assertEqual(self.server.integrity(), "ok")
        self.server.start()
        person.returns_to(self.server.api)
        self.note(f"killed with {at_kill} bookmarks, ready again {self.server.seconds_to_ready:.2f} s after the start")
        self.assertGreaterEqual(person.total(), at_kill)
        for bookmark in saver.acknowledged:
            self.assertEqual(person.bookmark(bookmark["id"])["url"], bookmark["url"])
        return saver

    def assert_found(self, person: Person):
        for number in (7, 2500, self.LINKS - 1):
            self.assertEqual(person.search(f"tiny {number}", mode="text")[0]["title"], f"Tiny {number}")
        self.assertTrue(person.search("lighting in a large room", mode="semantic"))

    def assert_not_fetched_again(self, pages: int):
        """Only what was under way at a kill is asked for twice."""
        visits = len(self.site.seen)
        self.assertLessEqual(visits - pages, 60)


class Shutdown(OwnServerTest):
    """A server that is asked to stop does so at once and in good order"""

    def slow_page(self, visit):
        time.sleep(0.1)
        visit.answer(tiny_page(visit.path.rsplit("/", 1)[-1]).encode())

    def test_while_working(self):
        """Stopped in the middle of an import with somebody watching, it ends within seconds and goes on when started."""
        links = []
        for number in range(300):
            links.append(Link(self.site.route(f"/slow/{number}", self.slow_page), f"Slow {number}"))
        server = self.serve()
        ada = server.newcomer("ada")
        job = ada.import_file(plain_export(links))
        watching = ada.follow_job(job["id"])
        next(watching)
        wait_until("some pages are ready", lambda: ada.total(status="ready") >= 30)
        started = time.monotonic()
        self.assertEqual(server.terminate(timeout=30), 0)
        took = time.monotonic() - started
        self.note(f"stopped within {took:.1f} s")
        self.assertLess(took, 8)
        self.assertEqual(server.integrity(), "ok")
        server.start()
        ada.returns_to(server.api)
        self.assertEqual(ada.total(), 300)
        self.assertEqual(ada.wait_for_job(job["id"])["status"], "succeeded")
        self.assertEqual(ada.total(status="ready"), 300)
        self.assertLessEqual(sum(seen.path.startswith("/slow/") for seen in self.site.seen), 310)

    def test_idle_connections(self):
        """Connections that are kept open do not hold it up."""
        server = self.serve()
        connections = [http.client.HTTPConnection("127.0.0.1", server.port) for _ in range(20)]
        for connection in connections:
            connection.request("GET", "/version")
            connection.getresponse().read()
        started = time.monotonic()
        self.assertEqual(server.terminate(timeout=30), 0)
        self.assertLess(time.monotonic() - started, 5)

    def test_slow_page(self):
        """A page that takes its time does not hold it up for long, and is read then or after the next start."""

        def held(visit):
            time.sleep(4)
            visit.answer(tiny_page("held").encode())

        server = self.serve()
        ada = server.newcomer("ada")
        bookmark = ada.save(self.site.route("/held", held))
        wait_until("the page is asked for", lambda: self.site.visits("/held"))
        started = time.monotonic()
        self.assertEqual(server.terminate(timeout=40), 0)
        took = time.monotonic() - started
        self.note(f"stopped within {took:.1f} s")
        self.assertLess(took, 8)
        server.start()
        ada.returns_to(server.api)
        settled = wait_until(
            "it is ready", lambda: (now := ada.bookmark(bookmark["id"]))["status"] == "ready" and now, timeout=30)
        self.assertEqual(settled["title"], "Note held")

    def test_interrupt(self):
        """Ctrl-C stops it in the same way."""
        server = self.serve()
        server.process.send_signal(signal.SIGINT)
        self.assertEqual(server.process.wait(15), 0)

    def test_one_data_folder(self):
        """A second server beside the first, and a worker, do not harm the data."""
        server = self.serve()
        ada = server.newcomer("ada")
        second = FuzeServer(beside=server, name="second")
        self.addCleanup(second.close)
        second.start()
        other = copy.copy(ada)
        other.returns_to(second.api)
        for number in range(20):
            url = self.site.page(f"/shared/{number}", tiny_page(f"shared{number}"))
            (ada if number % 2 else other).save(url)
        wait_until("all are ready", lambda: ada.total(status="ready") == 20, timeout=60)
        self.assertEqual(other.total(status="ready"), 20)
        self.assertTrue(other.search("note shared7", mode="text"))
        self.assertEqual(sum(seen.path.startswith("/shared/") for seen in self.site.seen), 20)
        self.assertEqual(second.terminate(), 0)
        self.assertEqual(server.integrity(), "ok")
