import gzip
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from harness import archive, program
from harness.transfer import TransferTest


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
        # A newcomer's name ends with what makes it unique.
        names = sorted(row["username"] for row in tables["users"].rows)
        self.assertEqual((len(names), names[0], names[1][:5]), (2, ada.username, "grace"))
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
