"""Parts of a cluster that die; run by `cluster_test`."""

import contextlib
import http.client
import threading
import time

from harness.clusters import ClusterTest
from harness.people import Person
from harness.waiting import wait_until


class Saver(threading.Thread):
    """Somebody who goes on saving through nginx, whatever happens, and remembers what was acknowledged."""

    def __init__(self, person: Person, name: str):
        super().__init__(daemon=True)
        self.person = person
        self.label = name
        self.acknowledged: dict[int, str] = {}
        #: When an answer that is neither a success nor a 502, 503 or 504 came, and which.
        self.wrong: list[tuple[float, int, bytes]] = []
        self.unavailable = 0
        self._stop_asked = threading.Event()

    def run(self):
        number = 0
        while not self._stop_asked.is_set():
            number += 1
            self._save(f"https://example.org/{self.label}/{number}", number)
            time.sleep(0.03)

    def _save(self, url: str, number: int):
        """Tries until the link is acknowledged, as an extension would."""
        body = {"url": url, "text": f"Note {number} of {self.label} is about lamp {number}."}
        while not self._stop_asked.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = self.person.api.post("/api/bookmarks", body)
                if answer.status in (200, 201):
                    self.acknowledged[answer.json["id"]] = url
                    return
                if answer.status in (502, 503, 504):
                    self.unavailable += 1
                else:
                    self.wrong.append((time.monotonic(), answer.status, answer.body))
                    return
            time.sleep(0.1)

    def stop(self):
        self._stop_asked.set()
        self.join(30)


class Faults(ClusterTest):
    """Parts die under load, and nothing that was acknowledged is lost"""

    SAVERS = 3
    #: Answers of 500 are forgiven while something is down and this long after.
    GRACE = 2

    @contextlib.contextmanager
    def load(self):
        """People who save all the time; afterwards all they were told is so."""
        savers = [Saver(self.newcomer("saver"), f"load-{time.monotonic_ns()}-{number}") for number in range(self.SAVERS)]
        self.outages: list[tuple[float, float]] = []
        for saver in savers:
            saver.start()
        time.sleep(1)
        yield savers
        self.wait_for_progress(savers)
        for saver in savers:
            saver.stop()
        self.assert_nothing_lost(savers)

    def wait_for_progress(self, savers: list[Saver]):
        """Saving goes on again for everybody."""
        before = [len(saver.acknowledged) for saver in savers]
        wait_until(
            "everybody saves again",
            lambda: all(len(saver.acknowledged) > count + 3 for saver, count in zip(savers, before)), timeout=20)

    @contextlib.contextmanager
    def outage(self):
        started = time.monotonic()
        yield
        self.outages.append((started, time.monotonic()))

    def assert_nothing_lost(self, savers: list[Saver]):
        total = sum(len(saver.acknowledged) for saver in savers)
        unavailable = sum(saver.unavailable for saver in savers)
        self.note(f"{total} acknowledged, {unavailable} times told to come back")
        for saver in savers:
            late = [
                wrong for wrong in saver.wrong
                if not any(start <= wrong[0] <= end + self.GRACE for start, end in self.outages)
            ]
            self.assertEqual(late, [])
            for number in (1, 2):
                person = self.at(saver.person, self.instance(number))
                there = {bookmark["id"]: bookmark["url"] for bookmark in person.all_bookmarks()}
                lost = {id: url for id, url in saver.acknowledged.items() if there.get(id) != url}
                self.assertEqual(lost, {})
                self.assertEqual(len(there), len(set(there.values())))
                self.assertEqual(person.total(), len(there))
            wait_until("all of it is read", lambda: saver.person.total(status="pending") == 0, timeout=120, pause=0.3)
            self.assertEqual(saver.person.total(status="failed"), 0)

    def test_instance(self):
        """An instance is killed: the other serves on, and it comes back."""
        with self.load() as savers:
            for instance in self.cluster.instances:
                with self.outage():
                    instance.kill()
                    self.wait_for_progress(savers)
                    instance.start()

    def test_worker(self):
        """The worker is killed: what it was doing is done by the next."""
        with self.load():
            for _ in range(2):
                self.cluster.worker.kill()
                time.sleep(1)
                self.cluster.worker.start()
                time.sleep(1)

    def test_redis(self):
        """Redis is killed: everybody serves on without, says so, and uses it again."""
        with self.load() as savers:
            self.cluster.redis.kill()
            self.wait_for_progress(savers)
            time.sleep(2)
            self.wait_for_progress(savers)
            for number in (1, 2):
                state = self.instance(number).get("/health").json
                self.assertNotEqual(state["status"], "ok", state)
            self.cluster.redis.start()
            for number in (1, 2):
                wait_until(
                    f"instance {number} uses Redis again",
                    lambda: self.instance(number).get("/health").json["status"] == "ok", timeout=20, pause=0.3)

    def test_connections(self):
        """The database ends every connection, again and again."""
        with self.load():
            for _ in range(5):
                with self.outage():
                    self.cluster.primary.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'fuze'", "postgres")
                    self.cluster.replica.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'fuze'", "postgres")
                time.sleep(0.7)

    def test_database(self):
        """The database is restarted, in good order and after a crash."""
        with self.load() as savers:
            for end in (self.cluster.primary.stop, self.cluster.primary.kill):
                with self.outage():
                    end()
                    # A killed server's own processes hold its memory for a moment, and it cannot start before.
                    time.sleep(1.5)
                    self.cluster.primary.start()
                self.wait_for_progress(savers)
        wait_until(
            "the replica follows again",
            lambda: self.cluster.primary.query("SELECT COUNT(*) FROM pg_stat_replication", "postgres") == [["1"]], timeout=30)

    def test_replica(self):
        """The replica stands still, and then is gone: people see their own writes at once all the same."""
        ada = self.newcomer("ada")
        self.cluster.replica.query("SELECT pg_wal_replay_pause()", "postgres")
        self.addCleanup(self.resume)
        for number in range(20):
            saved = ada.save(f"https://example.org/paused/{number}", text="Own writes.")
            self.assertEqual(ada.bookmarks(per_page=1)["items"][0]["id"], saved["id"])
            self.assertEqual(ada.total(), number + 1)
            self.assertEqual(ada.bookmark(saved["id"])["url"], saved["url"])
        self.resume()
        with self.load():
            with self.outage():
                self.cluster.replica.kill()
                time.sleep(2)
                self.assertEqual(ada.total(), 20)
                self.cluster.replica.start()

    def resume(self):
        with contextlib.suppress(RuntimeError):
            self.cluster.replica.query("SELECT pg_wal_replay_resume()", "postgres")
