"""Fuze on many processes: two instances behind nginx, a worker, PostgreSQL with a replica, Redis.

Not among the tests that are found by themselves, for it needs all of those programs:

    scripts/end-to-end.sh release cluster_test
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import program
from harness.api import Api
from harness.people import PASSWORD, Person
from harness.site import LocalSite
from harness.waiting import wait_until

sys.path.insert(0, str(program.ROOT / "scripts"))

from cluster import Cluster  # noqa: E402 (the path must be set first)


def free_ports(count: int) -> int:
    """The first of some neighbouring ports that nobody uses."""
    for first in range(21_000, 32_000, 100):
        with contextlib.ExitStack() as sockets:
            try:
                for port in range(first, first + count):
                    sockets.enter_context(socket.socket()).bind(("127.0.0.1", port))
                return first
            except OSError:
                continue
    raise AssertionError("there are no free ports")


def setUpModule():
    global folder, cluster, site
    site = LocalSite()
    unittest.addModuleCleanup(site.close)
    folder = tempfile.TemporaryDirectory(prefix="fuze-cluster-", dir="/tmp")
    unittest.addModuleCleanup(folder.cleanup)
    # PostgreSQL's own user must get at its folder.
    os.chmod(folder.name, 0o755)
    cluster = Cluster(
        Path(folder.name), free_ports(6), program.FUZE, {"fetch_allow_private": "true", "rate_limits": "off"})
    unittest.addModuleCleanup(cluster.stop)
    started = time.monotonic()
    cluster.start()
    print(f"         the cluster was ready after {time.monotonic() - started:.1f} s")


class ClusterTest(unittest.TestCase):
    @property
    def nginx(self) -> Api:
        return Api(cluster.port)

    def instance(self, number: int) -> Api:
        return Api(cluster.port + number)

    def newcomer(self, name: str) -> Person:
        return Person.register(self.nginx, name)

    @staticmethod
    def at(person: Person, api: Api) -> Person:
        """The same person at another address."""
        other = Person.__new__(Person)
        other.__dict__.update(person.__dict__)
        other.returns_to(api)
        return other

    def note(self, text: str):
        print(f"         {text}")


class OneInstallation(ClusterTest):
    """Two instances are one installation"""

    def test_at_once(self):
        """What is saved, changed and deleted at one instance is so at the other at once."""
        ada = self.newcomer("ada")
        here, there = self.at(ada, self.instance(1)), self.at(ada, self.instance(2))
        for number in range(50):
            one, other = (here, there) if number % 2 else (there, here)
            saved = one.save(f"https://example.org/{number}", text=f"Note {number}.")
            self.assertEqual(other.bookmark(saved["id"])["url"], saved["url"])
            self.assertEqual(other.total(), number + 1)
            one.api.patch(f"/api/bookmarks/{saved['id']}", {"title": f"Changed {number}"})
            self.assertEqual(other.bookmarks(per_page=1)["items"][0]["title"], f"Changed {number}")
        here.api.delete(f"/api/bookmarks/{saved['id']}")
        self.assertEqual(there.api.get(f"/api/bookmarks/{saved['id']}").status, 404)
        self.assertEqual(there.total(), 49)

    def test_found(self):
        """What the worker has read is found at both."""
        ada = self.newcomer("ada")
        bookmark = ada.save("https://example.org/loaf", text="Flour and water ferment for days before the dough goes into a hot oven.")
        ada.wait_until_ready(bookmark)
        for number in (1, 2):
            person = self.at(ada, self.instance(number))
            wait_until("it is found", lambda: [found["id"] for found in person.search("how to bake bread")] == [bookmark["id"]])

    def test_signed_out(self):
        """Who signs out at one instance is signed out at the other, within a second."""
        ada = self.newcomer("ada")
        here, there = self.at(ada, self.instance(1)), self.at(ada, self.instance(2))
        self.assertEqual(there.total(), 0)
        self.assertIn(here.api.post("/api/auth/logout", {}).status, (200, 204))
        wait_until("the other knows", lambda: there.api.get("/api/bookmarks").status == 401, timeout=1)

    def test_followed(self):
        """Work that the worker does is followed at an instance, through nginx, as it goes on."""
        ada = self.newcomer("ada")
        lines = "".join(f'<DT><A HREF="https://example.org/{number}">Link {number}</A>' for number in range(2000))
        job = ada.import_file(b"<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><p>" + lines.encode() + b"</DL>", skip_fetch=True)
        arrived = []
        for name, _ in ada.follow_job(job["id"], behind_nginx=True):
            arrived.append((name, ada.job(job["id"])["status"]))
        self.assertEqual(arrived[-1][1], "succeeded")
        self.assertNotEqual(arrived[0][1], "succeeded", arrived)
        self.assertEqual(ada.total(), 2000)


class Races(ClusterTest):
    """Two instances at the same thing at the same moment"""

    def both(self, act):
        """The results of doing something at both instances at once."""
        barrier = threading.Barrier(2)

        def run(number: int):
            barrier.wait()
            return act(self.instance(number))

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(run, (1, 2)))

    def test_bookmark(self):
        """The same link saved twice is one bookmark."""
        ada = self.newcomer("ada")
        for number in range(30):
            body = {"url": f"https://example.org/same/{number}", "text": "Same."}
            answers = self.both(lambda api: Api(api.port, ada.access_token).post("/api/bookmarks", body))
            self.assertEqual(sorted(answer.status for answer in answers), [200, 201], answers)
            self.assertEqual(answers[0].json["id"], answers[1].json["id"])
        self.assertEqual(ada.total(), 30)

    def test_user_name(self):
        """A user name is given once."""
        for number in range(10):
            answers = self.both(lambda api: api.post("/api/auth/register", {
                "username": f"twin-{number}", "email": f"twin-{number}-{api.port}@example.org", "password": PASSWORD}))
            self.assertEqual(sorted(answer.status for answer in answers), [201, 409], answers)

    def test_job(self):
        """Two workers do each job once."""
        second = program.environment(**{
            name.removeprefix("FUZE_").lower(): value for name, value in cluster.worker._environment.items()
            if name.startswith("FUZE_")})
        worker = subprocess.Popen(
            [program.FUZE, "worker"], env=second, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(worker.wait, 30)
        self.addCleanup(worker.terminate)
        ada = self.newcomer("ada")
        for number in range(80):
            page = f"<!doctype html><title>Page {number}</title><article><p>This is page {number} of eighty.</p></article>"
            ada.save(site.page(f"/once/{number}", page))
        wait_until("all are ready", lambda: ada.total(status="ready") == 80, timeout=90, pause=0.2)
        visits = [seen.path for seen in site.seen if seen.path.startswith("/once/")]
        self.assertEqual(len(visits), 80)
        self.assertEqual(len(set(visits)), 80)

    def test_refresh(self):
        """A refresh token is good once, wherever it is used."""
        ada = self.newcomer("ada")
        answers = self.both(lambda api: api.post("/api/auth/refresh", {"refresh_token": ada.refresh_token}))
        self.assertEqual(sorted(answer.status for answer in answers), [200, 401], answers)

    def test_migration(self):
        """Two starters over an empty database apply each migration once."""
        cluster.primary.query("CREATE DATABASE starters OWNER fuze", "postgres")
        self.addCleanup(cluster.primary.query, "DROP DATABASE starters WITH (FORCE)", "postgres")
        cluster.primary.query("CREATE EXTENSION vector", "starters")
        environment = program.environment(
            database_url=cluster.primary.url(database="starters"), data_dir=str(cluster.folder / "starters"))
        starters = [
            subprocess.Popen([program.FUZE, "migrate"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        outputs = [starter.communicate(timeout=60) for starter in starters]
        self.assertEqual([starter.returncode for starter in starters], [0, 0], outputs)
        applied = [line for output, _ in outputs for line in output.splitlines()]
        self.assertEqual(len(applied), len(set(applied)))
        [[count]] = cluster.primary.query("SELECT COUNT(*) FROM schema_migrations", "starters")
        self.assertEqual(len(applied), int(count))


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
            for instance in cluster.instances:
                with self.outage():
                    instance.kill()
                    self.wait_for_progress(savers)
                    instance.start()

    def test_worker(self):
        """The worker is killed: what it was doing is done by the next."""
        with self.load():
            for _ in range(2):
                cluster.worker.kill()
                time.sleep(1)
                cluster.worker.start()
                time.sleep(1)

    def test_redis(self):
        """Redis is killed: everybody serves on without, says so, and uses it again."""
        with self.load() as savers:
            cluster.redis.kill()
            self.wait_for_progress(savers)
            time.sleep(2)
            self.wait_for_progress(savers)
            for number in (1, 2):
                state = self.instance(number).get("/health").json
                self.assertNotEqual(state["status"], "ok", state)
            cluster.redis.start()
            for number in (1, 2):
                wait_until(
                    f"instance {number} uses Redis again",
                    lambda: self.instance(number).get("/health").json["status"] == "ok", timeout=20, pause=0.3)

    def test_connections(self):
        """The database ends every connection, again and again."""
        with self.load():
            for _ in range(5):
                with self.outage():
                    cluster.primary.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'fuze'", "postgres")
                    cluster.replica.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'fuze'", "postgres")
                time.sleep(0.7)

    def test_database(self):
        """The database is restarted, in good order and after a crash."""
        with self.load() as savers:
            for end in (cluster.primary.stop, cluster.primary.kill):
                with self.outage():
                    end()
                    self.wait_for_end_of(cluster.primary)
                    time.sleep(1)
                    cluster.primary.start()
                self.wait_for_progress(savers)
        wait_until(
            "the replica follows again",
            lambda: cluster.primary.query("SELECT COUNT(*) FROM pg_stat_replication", "postgres") == [["1"]], timeout=30)

    @staticmethod
    def wait_for_end_of(postgres):
        """A killed server's own processes may hold its memory for a moment."""
        time.sleep(0.5)

    def test_replica(self):
        """The replica stands still, and then is gone: people see their own writes at once all the same."""
        ada = self.newcomer("ada")
        cluster.replica.query("SELECT pg_wal_replay_pause()", "postgres")
        self.addCleanup(self.resume)
        for number in range(20):
            saved = ada.save(f"https://example.org/paused/{number}", text="Own writes.")
            self.assertEqual(ada.bookmarks(per_page=1)["items"][0]["id"], saved["id"])
            self.assertEqual(ada.total(), number + 1)
            self.assertEqual(ada.bookmark(saved["id"])["url"], saved["url"])
        self.resume()
        with self.load():
            with self.outage():
                cluster.replica.kill()
                time.sleep(2)
                self.assertEqual(ada.total(), 20)
                cluster.replica.start()

    def resume(self):
        with contextlib.suppress(RuntimeError):
            cluster.replica.query("SELECT pg_wal_replay_resume()", "postgres")


class Doctor(ClusterTest):
    """`doctor` looks at every server"""

    def states(self) -> dict[str, str]:
        result = subprocess.run(
            [program.FUZE, "doctor", "--json"], env=program.environment() | cluster.environment, capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 0, result)
        return {finding["area"]: finding["state"] for finding in json.loads(result.stdout)["findings"]}

    def test_all_well(self):
        """With everything up, nothing is to be done; a part that stands still or is gone is warned of."""
        wait_until("all is well", lambda: set(self.states().values()) == {"ok"}, timeout=20, pause=0.5)
        self.assertLessEqual({"replica", "row security", "durability", "redis"}, set(self.states()))
        cluster.replica.query("SELECT pg_wal_replay_pause()", "postgres")
        try:
            self.assertEqual(self.states()["replica"], "warning")
        finally:
            cluster.replica.query("SELECT pg_wal_replay_resume()", "postgres")
        cluster.redis.kill()
        try:
            self.assertEqual(self.states()["redis"], "warning")
        finally:
            cluster.redis.start()


class Commands(unittest.TestCase):
    """`make cluster` starts everything, and stops it again"""

    SCRIPT = program.ROOT / "scripts" / "cluster.py"

    def start(self, folder: str, port: int):
        """Starts a cluster as `make cluster` does, and waits until it says where it is."""
        self.environment = program.environment(
            binary=str(program.FUZE), cluster_dir=folder, cluster_port=str(port)) | {"PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            [sys.executable, self.SCRIPT, "start"], env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        said = [process.stdout.readline() for _ in range(6)]
        self.assertIn(f"http://127.0.0.1:{port}\n", said[0], said)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
            self.assertEqual(answer.status, 200)
        return process

    def assert_all_ended(self, folder: str, port: int):
        self.assertEqual([file.name for file in Path(folder).glob("*.pid")], [])
        for number in range(6):
            with socket.socket() as client:
                self.assertNotEqual(client.connect_ex(("127.0.0.1", port + number)), 0, number)

    def test_start_and_stop(self):
        """It says where everything is; Ctrl-C ends every part, and so does `make cluster-stop`, from elsewhere."""
        with tempfile.TemporaryDirectory(prefix="fuze-cluster-", dir="/tmp") as folder:
            os.chmod(folder, 0o755)
            port = free_ports(6)
            process = self.start(folder, port)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), 0, process.stdout.read())
            self.assert_all_ended(folder, port)

            process = self.start(folder, port)
            subprocess.run([sys.executable, self.SCRIPT, "stop"], env=self.environment, check=True, capture_output=True)
            self.assertEqual(process.wait(60), 0, process.stdout.read())
            self.assert_all_ended(folder, port)
