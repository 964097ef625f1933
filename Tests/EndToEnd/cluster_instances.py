"""What several instances do together; run by `cluster_test`."""

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

from harness import program
from harness.api import Api
from harness.clusters import ClusterTest
from harness.people import PASSWORD
from harness.waiting import wait_until


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
            name.removeprefix("FUZE_").lower(): value for name, value in self.cluster.worker.environment.items()
            if name.startswith("FUZE_")})
        worker = subprocess.Popen(
            [program.FUZE, "worker"], env=second, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(worker.wait, 30)
        self.addCleanup(worker.terminate)
        ada = self.newcomer("ada")
        for number in range(80):
            page = f"<!doctype html><title>Page {number}</title><article><p>This is page {number} of eighty.</p></article>"
            ada.save(self.site.page(f"/once/{number}", page))
        wait_until("all are ready", lambda: ada.total(status="ready") == 80, timeout=90, pause=0.2)
        visits = [seen.path for seen in self.site.seen if seen.path.startswith("/once/")]
        self.assertEqual(len(visits), 80)
        self.assertEqual(len(set(visits)), 80)

    def test_refresh(self):
        """A refresh token is good once, wherever it is used."""
        ada = self.newcomer("ada")
        answers = self.both(lambda api: api.post("/api/auth/refresh", {"refresh_token": ada.refresh_token}))
        self.assertEqual(sorted(answer.status for answer in answers), [200, 401], answers)

    def test_migration(self):
        """Two starters over an empty database apply each migration once."""
        self.cluster.primary.query("CREATE DATABASE starters OWNER fuze", "postgres")
        self.addCleanup(self.cluster.primary.query, "DROP DATABASE starters WITH (FORCE)", "postgres")
        self.cluster.primary.query("CREATE EXTENSION vector", "starters")
        environment = program.environment(
            database_url=self.cluster.primary.url(database="starters"), data_dir=str(self.cluster.folder / "starters"))
        starters = [
            subprocess.Popen([program.FUZE, "migrate"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        outputs = [starter.communicate(timeout=60) for starter in starters]
        self.assertEqual([starter.returncode for starter in starters], [0, 0], outputs)
        applied = [line for output, _ in outputs for line in output.splitlines()]
        self.assertEqual(len(applied), len(set(applied)))
        [[count]] = self.cluster.primary.query("SELECT COUNT(*) FROM schema_migrations", "starters")
        self.assertEqual(len(applied), int(count))
