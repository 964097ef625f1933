import json
import os
import sqlite3
import tempfile
from pathlib import Path

from harness import program
from harness.articles import article
from harness.case import OwnServerTest
from harness.records import POSTGRESQL, SQLiteRecords, psql
from harness.server import FuzeServer
from harness.waiting import wait_until


class DoctorTest(OwnServerTest):
    def doctor(self, server: FuzeServer, *arguments: str, code: int = 0, **options) -> dict[str, list[dict]]:
        """The findings by what they are about."""
        result = program.run(
            "doctor", "--json", *arguments, folder=server.folder,
            **{"data_dir": str(server.data)} | server.records.settings | options)
        self.assertEqual(result.returncode, code, result)
        report = json.loads(result.stdout)
        self.assertEqual(report["status"] == "failure", code == 1)
        for finding in report["findings"]:
            self.assertEqual(finding["state"] == "ok", finding.get("advice") is None, finding)
        areas = {}
        for finding in report["findings"]:
            areas.setdefault(finding["area"], []).append(finding)
        return areas

    def states(self, areas: dict) -> dict[str, str]:
        worst = ("ok", "warning", "failure")
        return {area: max((finding["state"] for finding in findings), key=worst.index) for area, findings in areas.items()}

    def library(self, **settings: str):
        server = self.serve(**settings)
        ada = server.newcomer("ada")
        for name in ("lava", "wheel", "espresso"):
            ada.save(self.site.page(article(name).path, article(name).page))
        wait_until("all are ready", lambda: ada.total(status="ready") == 3)
        return server, ada


class Healthy(DoctorTest):
    """`doctor` looks at every part"""

    def test_all_well(self):
        """Of a running installation it finds nothing to say."""
        server, _ = self.library()
        areas = self.doctor(server)
        # The PostgreSQL of tests keeps nothing over a power cut.
        well = {area: state for area, state in self.states(areas).items() if area != "durability"}
        self.assertEqual(set(well.values()), {"ok"}, areas)
        if POSTGRESQL:
            self.assertLessEqual({"row security", "durability"}, set(areas))
        self.assertLessEqual(
            {"configuration", "data folder", "secret key", "disk", "database", "schema", "integrity", "search", "jobs", "model", "clock"},
            set(areas))

    def test_words(self):
        """For people it writes a line a finding."""
        server, _ = self.library()
        result = program.run("doctor", folder=server.folder, data_dir=str(server.data), **server.records.settings)
        self.assertEqual(result.returncode, 0, result)
        lines = result.stdout.decode().splitlines()
        self.assertTrue(lines[0].startswith("ok       configuration: "), lines)
        self.assertTrue(all(line.startswith(("ok  ", "warning  durability", "         ")) for line in lines), lines)

    def test_secrets(self):
        """Settings are shown, secrets are not."""
        server, _ = self.library()
        secret = "a-secret-key-of-more-than-32-characters"
        areas = self.doctor(server, secret_key=secret, log_level="error", prot="8080")
        shown = json.dumps(areas)
        self.assertNotIn(secret, shown)
        self.assertIn("FUZE_LOG_LEVEL=error", shown)
        self.assertEqual(self.states(areas)["configuration"], "warning")
        self.assertIn("FUZE_PROT", shown)


class Unwell(DoctorTest):
    """`doctor` says what is wrong, and what to do"""

    def test_nothing_there(self):
        """Without an installation it fails, and makes none."""
        with tempfile.TemporaryDirectory() as folder:
            result = program.run("doctor", "--json", folder=Path(folder))
            self.assertEqual(result.returncode, 1, result)
            self.assertEqual(os.listdir(folder), [])

    def test_mistaken_settings(self):
        """Every mistake in the settings is a failure."""
        server, _ = self.library()
        areas = self.doctor(server, code=1, port="many", log_level="loud")
        self.assertEqual(sum(finding["state"] == "failure" for finding in areas["configuration"]), 2)

    def test_readable_key(self):
        """A secret key that others can read is a failure."""
        server, _ = self.library()
        (server.data / "secret.key").chmod(0o644)
        self.assertEqual(self.states(self.doctor(server, code=1))["secret key"], "failure")

    def test_no_model(self):
        """Without the model it warns."""
        server, _ = self.library()
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.states(self.doctor(server, packages=folder))["model"], "warning")

    def test_unreachable(self):
        """A database that is not there is a failure."""
        if POSTGRESQL:
            server, _ = self.library()
            areas = self.doctor(server, code=1, database_url="postgres://fuze@127.0.0.1:1/fuze?connect_timeout=2")
        else:
            server, _ = self.library()
            server.terminate()
            server.records.file.write_bytes(b"These are my notes, not a database. " * 200)
            areas = self.doctor(server, code=1)
        self.assertEqual(self.states(areas)["database"], "failure")

    def test_damaged(self):
        """Damaged pages are found."""
        # PostgreSQL's pages are out of reach here: its own checks of them are its own.
        server = FuzeServer(records=SQLiteRecords(Path(self.enterContext(tempfile.TemporaryDirectory())) / "data"))
        server = FuzeServer(folder=server.records.file.parent.parent, records=server.records)
        self.addCleanup(server.close)
        server.start()
        ada = server.newcomer("ada")
        for number in range(50):
            ada.save(f"https://example.org/{number}", text=f"Number {number}. " * 50)
        wait_until("all are ready", lambda: ada.total(status="ready") == 50)
        self.assertEqual(server.terminate(), 0)
        with sqlite3.connect(server.records.file) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [[root]] = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'bookmarks_newest'")
            [[size]] = database.execute("PRAGMA page_size")
        with server.records.file.open("r+b") as file:
            file.seek((root - 1) * size + size - 200)
            file.write(b"\xff" * 100)
        self.assertEqual(self.states(self.doctor(server, code=1))["integrity"], "failure")

    def test_repair(self):
        """What the search has lost is found, and made anew from the records."""
        server, ada = self.library()
        lava = next(bookmark for bookmark in ada.all_bookmarks() if bookmark["title"] == article("lava").title)
        server.terminate()
        self.change(server, "DELETE FROM search_words WHERE rowid IN (SELECT rowid FROM search_words ORDER BY rowid LIMIT 1)")
        self.change(server, "INSERT INTO search_words (rowid, head, body) VALUES (99, 'nobody', 'nothing')")
        self.change(server, f"DELETE FROM search_passages WHERE item_id IN (SELECT id FROM search_items WHERE ref = {lava['id']})")
        self.change(server, "DELETE FROM search_passages WHERE item_id IN (SELECT id FROM search_items WHERE ref = (SELECT MAX(id) FROM bookmarks))")
        self.change(server, "DELETE FROM search_items WHERE ref = (SELECT MAX(id) FROM bookmarks)")
        self.change(server, "UPDATE search_statistics SET documents = documents + 5, title_length = 0")
        found = self.doctor(server)["search"]
        self.assertEqual([finding["state"] for finding in found], ["warning"], found)
        self.assertIn("--repair", found[0]["advice"])
        repaired = self.doctor(server, "--repair")["search"]
        self.assertEqual([finding["state"] for finding in repaired], ["ok"], repaired)
        self.assertEqual(self.doctor(server)["search"][0]["message"], "The catalogue is that of the records.")
        server.start()
        ada.returns_to(server.api)
        for name in ("lava", "wheel", "espresso"):
            words = " ".join(article(name).title.split()[:4])
            self.assertIn(article(name).title, [result["title"] for result in ada.search(words, mode="text")], name)
            asked = article(name).asked or article(name).title
            wait_until(
                f"{name} is found by its meaning",
                lambda: article(name).title in [result["title"] for result in ada.search(asked, mode="semantic")], timeout=60)

    @staticmethod
    def change(server: FuzeServer, sql: str):
        """Changes records behind the program's back."""
        if POSTGRESQL:
            psql(server.records.url, f"SET fuze.owner = 'all'; {sql}")
        else:
            with sqlite3.connect(server.records.file) as database:
                database.execute(sql)
