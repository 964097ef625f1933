import gzip
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from harness import archive, program
from harness.articles import article
from harness.case import OwnServerTest
from harness.exports import Link, plain_export
from harness.people import PASSWORD, Person
from harness.records import POSTGRESQL, PostgresRecords, SQLiteRecords, new_records
from harness.server import FuzeServer
from harness.waiting import wait_until

NAMES = ("lava", "wheel", "espresso", "pawn")


class TransferTest(OwnServerTest):
    """A test that moves an installation with people, pages and work in it."""

    def fill(self, server: FuzeServer) -> Person:
        """An installation with something in every part."""
        ada = server.newcomer("ada")
        for name in NAMES:
            ada.save(self.site.page(article(name).path, article(name).page), tags=["reading", name], notes=f"On {name} 🎈")
        links = [Link(f"https://example.org/{number}", f"Link {number}") for number in range(700)]
        ada.wait_for_job(ada.import_file(plain_export(links), skip_fetch=True)["id"])
        grace = server.newcomer("grace")
        grace.save("https://example.org/only-grace", text="Grace keeps this for herself.")
        wait_until("nothing is pending", lambda: ada.total(status="pending") + grace.total(status="pending") == 0)
        ada.api.delete(f"/api/bookmarks/{ada.bookmarks()['items'][0]['id']}")
        wait_until("all is embedded", lambda: self.is_found(ada), timeout=120)
        return ada

    def is_found(self, person: Person) -> bool:
        """Whether pages are found by their meaning, and imports by their words."""
        asked = article("lava")
        by_meaning = person.search(asked.asked or asked.title, mode="semantic")
        by_words = person.search("link 77", mode="text")
        return bool(by_meaning and by_meaning[0]["title"] == asked.title and by_words and by_words[0]["title"] == "Link 77")

    def fuze(self, server: FuzeServer, *arguments: str, **options):
        return program.run(
            *arguments, folder=server.folder, **{"data_dir": str(server.data)} | server.records.settings | options)

    def assert_done(self, result):
        self.assertEqual(result.returncode, 0, result)
        return result

    def assert_refused(self, result, words: str):
        self.assertEqual(result.returncode, 1, result)
        self.assertIn(words, result.stderr.decode())

    def assert_same_library(self, ada: Person, was: dict, server: FuzeServer):
        """Everything ada had is there for her, found as before, and new ids go on where they were."""
        server.start()
        # The secret key did not travel: she signs in again.
        answer = server.api.post("/api/auth/login", {"username": ada.username, "password": PASSWORD})
        self.assert_status(answer, 200)
        again = Person(ada.username, ada.email, answer.json, server.api)
        self.assertEqual(self.library(again), was)
        self.assertTrue(self.is_found(again))
        new = again.save("https://example.org/new", text="New here.")
        self.assertGreater(new["id"], max(was["bookmarks"]))
        self.assertEqual(server.integrity(), "ok")
        return again

    @staticmethod
    def library(person: Person) -> dict:
        bookmarks = {bookmark["id"]: bookmark for bookmark in person.all_bookmarks()}
        read = next(bookmark["id"] for bookmark in bookmarks.values() if bookmark["title"] == article("wheel").title)
        return {"bookmarks": bookmarks, "content": person.content(read), "total": person.total()}

    def fresh(self, folder: Path | None = None, records=None) -> FuzeServer:
        """A server that was never started, over a folder and records of its own or those given."""
        if folder:
            folder.mkdir(exist_ok=True)
        server = FuzeServer(folder=folder, records=records)
        self.addCleanup(server.close)
        return server

    def stopped(self) -> tuple[FuzeServer, Person, dict]:
        """An installation that has ended, with ada and what she had in it."""
        server = self.serve()
        ada = self.fill(server)
        was = self.library(ada)
        server.terminate()
        return server, ada, was


class Backups(TransferTest):
    """`backup` and `restore` carry an installation through a file"""

    def test_round_trip(self):
        """A backup taken while people save is restored elsewhere with all that was there."""
        server = self.serve()
        ada = self.fill(server)
        was = self.library(ada)
        grace = server.newcomer("grace")
        stop = threading.Event()

        def save_on():
            number = 0
            while not stop.is_set():
                grace.save(f"https://example.org/grace/{(number := number + 1)}", text="Saved beside the backup.")

        saving = threading.Thread(target=save_on)
        saving.start()
        file = server.folder / "fuze.backup"
        try:
            result = self.assert_done(self.fuze(server, "backup", str(file)))
        finally:
            stop.set()
            saving.join()
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertEqual([name for name in os.listdir(server.folder) if name.startswith(".fuze")], [])
        self.assertIn("secret", result.stderr.decode())
        server.terminate()

        other = self.fresh()
        self.assert_done(self.fuze(other, "restore", str(file)))
        self.assert_same_library(ada, was, other)

    def test_described(self):
        """The file is what its description says, read by another program; it has no secret key."""
        server = self.serve()
        ada = self.fill(server)
        file = server.folder / "fuze.backup"
        self.assert_done(self.fuze(server, "backup", str(file)))
        header, tables = archive.read(file)
        self.assertEqual(header["format"], 1)
        self.assertIn("0001_accounts", header["migrations"])
        self.assertEqual({row["username"] for row in tables["users"].rows}, {ada.username} | {
            row["username"] for row in tables["users"].rows if row["username"].startswith("grace")})
        self.assertEqual(len([row for row in tables["bookmarks"].rows if row["user_id"] == ada.id]), ada.total())
        self.assertGreaterEqual(tables["bookmarks"].last_identity, max(row["id"] for row in tables["bookmarks"].rows))
        key = (server.data / "secret.key").read_bytes()
        self.assertNotIn(key, gzip.decompress(file.read_bytes()))

    def test_pipeline(self):
        """- stands for standard output and input."""
        server, ada, was = self.stopped()
        other = self.fresh()
        backup = self.assert_done(self.fuze(server, "backup", "-"))
        self.assert_done(self.fuze(other, "restore", "-", stdin=backup.stdout))
        self.assert_same_library(ada, was, other)

    def test_refused(self):
        """What is cut off, changed or no backup is refused with nothing changed, and so is a full installation."""
        server = self.serve()
        ada = self.fill(server)
        server.terminate()
        file = server.folder / "fuze.backup"
        self.assert_done(self.fuze(server, "backup", str(file)))
        whole = file.read_bytes()

        self.assert_refused(self.fuze(server, "backup", str(file)), "--replace")
        self.assertEqual(file.read_bytes(), whole)
        self.assert_refused(self.fuze(server, "restore", str(file)), "--replace")

        damaged = server.folder / "damaged"
        middle = len(whole) // 2
        for bytes in (
            b"", b"no backup at all", whole[:10], whole[:middle], whole[:-1], whole[:middle] + b"\0" + whole[middle + 1:],
            whole + b"more",
        ):
            with self.subTest(len(bytes)):
                damaged.write_bytes(bytes)
                result = self.fuze(server, "restore", "--replace", str(damaged))
                self.assertEqual(result.returncode, 1, result)
                self.assertNotIn("Swift", result.stderr.decode())
        self.assert_refused(self.fuze(server, "restore", str(server.folder / "nowhere")), "nowhere")
        server.start()
        ada.returns_to(server.api)
        self.assertTrue(self.is_found(ada))
        self.assertEqual(server.integrity(), "ok")

    def test_replace(self):
        """With --replace, what was there gives way."""
        server = self.serve()
        ada = self.fill(server)
        was = self.library(ada)
        file = server.folder / "fuze.backup"
        self.assert_done(self.fuze(server, "backup", str(file)))
        for bookmark in list(was["bookmarks"])[:50]:
            ada.api.delete(f"/api/bookmarks/{bookmark}")
        ada.save("https://example.org/after", text="After the backup.")
        server.terminate()
        self.assert_done(self.fuze(server, "restore", "--replace", str(file)))
        self.assert_same_library(ada, was, server)

    def test_stopped(self):
        """A backup that is killed leaves no file of that name."""
        server = self.serve()
        self.fill(server)
        file = server.folder / "fuze.backup"
        for delay in (0.02, 0.05, 0.1, 0.2):
            process = subprocess.Popen(
                [program.FUZE, "backup", str(file), "--data-dir", str(server.data)], cwd=server.folder,
                env=program.environment(**server.records.settings), stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.kill()
            if process.wait() != 0:
                self.assertFalse(file.exists())
            else:
                archive.read(file)
                file.unlink()

    def test_full_disk(self):
        """Where the file cannot be written, there is none."""
        server = self.serve()
        self.fill(server)
        self.assert_refused(self.fuze(server, "backup", str(server.folder / "nowhere" / "fuze.backup")), "nowhere")
        with open("/dev/full", "wb") as full:
            result = subprocess.run(
                [program.FUZE, "backup", "-", "--data-dir", str(server.data)], cwd=server.folder, stdout=full,
                stderr=subprocess.PIPE, env=program.environment(**server.records.settings), timeout=60)
        self.assertEqual(result.returncode, 1, result)
        self.assertIn(b"No space", result.stderr)

    def test_no_installation(self):
        """Where there is nothing to back up, nothing is made."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        result = program.run("backup", "file", folder=folder)
        self.assert_refused(result, "no installation")
        self.assertEqual(os.listdir(folder), [])


class Copies(TransferTest):
    """`copy` moves an installation between databases"""

    def targets(self):
        """Another database of each engine that is there, with what names it to `copy`."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        sqlite = SQLiteRecords(folder / "data")
        yield "SQLite", sqlite, folder, f"sqlite:{sqlite.file}"
        if POSTGRESQL:
            postgres = PostgresRecords(POSTGRESQL, folder / "other")
            self.addCleanup(postgres.close)
            yield "PostgreSQL", postgres, folder / "elsewhere", postgres.url

    def test_copy(self):
        """Every table arrives in either engine, people find what they had, and new ids go on where they were."""
        server, ada, was = self.stopped()
        for engine, records, folder, address in self.targets():
            with self.subTest(engine):
                result = self.assert_done(self.fuze(server, "copy", "--to", address))
                self.assertIn("same on both sides", result.stderr.decode())
                copy = self.fresh(folder, records)
                self.assert_same_library(ada, was, copy)
                copy.terminate()
                self.assert_refused(self.fuze(server, "copy", "--to", address), "data already")

    def test_from_environment(self):
        """The target may come from the environment, which others on the machine cannot read."""
        server, ada, was = self.stopped()
        _, records, folder, address = list(self.targets())[-1]
        self.assert_refused(self.fuze(server, "copy"), "FUZE_COPY_DATABASE_URL")
        self.assert_done(self.fuze(server, "copy", copy_database_url=address))
        self.assert_same_library(ada, was, self.fresh(folder, records))

    def test_there_and_back(self):
        """From one database to another and back to the first's engine, a backup has the same rows."""
        server = self.serve()
        self.fill(server)
        server.terminate()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        *_, address = list(self.targets())[0]
        there = SQLiteRecords(Path(address.removeprefix("sqlite:")).parent)
        self.assert_done(self.fuze(server, "copy", "--to", address))
        (folder / "back").mkdir()
        back = new_records(folder / "back")
        self.addCleanup(back.close)
        self.assert_done(program.run("copy", "--to", getattr(back, "url", f"sqlite:{folder / 'back' / 'fuze.sqlite'}"), folder=there.file.parent.parent))
        self.assert_done(self.fuze(server, "backup", str(folder / "first")))
        self.assert_done(program.run("backup", str(folder / "second"), folder=folder, data_dir=str(folder / "back"), **back.settings))
        (_, first), (_, second) = archive.read(folder / "first"), archive.read(folder / "second")
        self.assertEqual(set(first), set(second))
        for name, table in first.items():
            key = lambda row: json.dumps(row, default=str, sort_keys=True)
            self.assertEqual(sorted(table.rows, key=key), sorted(second[name].rows, key=key), name)
            self.assertEqual(table.last_identity, second[name].last_identity, name)

    def test_stopped(self):
        """A copy that is killed goes on when it is called again; before that its target cannot be used."""
        server, ada, was = self.stopped()
        for engine, records, folder, address in self.targets():
            with self.subTest(engine):
                folder.mkdir(exist_ok=True)
                kills = 0
                while kills < 6:
                    process = subprocess.Popen(
                        [program.FUZE, "copy", "--to", address, "--data-dir", str(server.data)], cwd=server.folder,
                        env=program.environment(**server.records.settings), stderr=subprocess.DEVNULL)
                    time.sleep(0.05 * (kills + 1))
                    process.kill()
                    if process.wait() == 0:
                        break
                    kills += 1
                    migrated = program.run("migrate", folder=folder, **records.settings)
                    if migrated.returncode != 0:
                        self.assertIn(b"fuze copy", migrated.stderr)
                else:
                    result = self.fuze(server, "copy", "--to", address)
                    # The last kill may have come when all was done.
                    if b"data already" not in result.stderr:
                        self.assert_done(result)
                self.note(f"killed {kills} times")
                copy = self.fresh(folder, records)
                self.assert_same_library(ada, was, copy)
                copy.terminate()

    def test_refused(self):
        """A target that is none, and one with data of its own, are refused and left as they are."""
        server = self.serve()
        server.newcomer("ada")
        for address in ("mysql://host/name", "sqlite:", "data"):
            self.assert_refused(self.fuze(server, "copy", "--to", address), "--to")
            self.assert_refused(self.fuze(server, "copy", copy_database_url=address), "sqlite:PATH")
        self.assert_refused(self.fuze(server, "copy", "--to", "postgres://nobody@127.0.0.1:1/none?connect_timeout=2"), "")
        other = FuzeServer()
        self.addCleanup(other.close)
        other.start()
        grace = other.newcomer("grace")
        address = getattr(other.records, "url", None) or f"sqlite:{other.records.file}"
        self.assert_refused(self.fuze(server, "copy", "--to", address), "data already")
        self.assertEqual(grace.total(), 0)
        self.assertEqual(other.integrity(), "ok")
