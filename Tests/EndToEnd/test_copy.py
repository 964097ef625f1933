import json
import subprocess
import tempfile
import time
from pathlib import Path

from harness import archive, program
from harness.records import POSTGRESQL, PostgresRecords, SQLiteRecords, new_records
from harness.server import FuzeServer
from harness.transfer import TransferTest


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
        self.assert_refused(self.fuze(server, "copy", "--to", "postgres://nobody@127.0.0.1:1/none?connect_timeout=2"), "127.0.0.1")
        other = FuzeServer()
        self.addCleanup(other.close)
        other.start()
        grace = other.newcomer("grace")
        address = getattr(other.records, "url", None) or f"sqlite:{other.records.file}"
        self.assert_refused(self.fuze(server, "copy", "--to", address), "data already")
        self.assertEqual(grace.total(), 0)
        self.assertEqual(other.integrity(), "ok")
