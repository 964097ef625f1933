from harness.case import OwnServerTest
from harness.disk import small_disk
from harness.people import PASSWORD
from harness.records import SQLiteRecords
from harness.server import FuzeServer
from harness.waiting import wait_until

LONG = "The archive fills shelf after shelf with letters, maps and ledgers. " * 300


class DiskFull(OwnServerTest):
    """A full disk stops writing, and nothing else"""

    def test_full(self):
        """Writes are refused in the usual shape, reads go on, and with space again so do writes; nothing is lost."""
        # Of a PostgreSQL's disk the program knows nothing but the error, which specs of the engine cover.
        disk = small_disk(megabytes=64)
        self.addCleanup(disk.close)
        self.note(f"on {type(disk).__name__}")
        server = FuzeServer(folder=disk.path, records=SQLiteRecords(disk.path / "data"))
        self.addCleanup(server.close)
        server.start()
        ada = server.newcomer("ada")
        kept = [ada.save(f"https://example.org/{number}", text=f"Crane number {number} lifts the bells.") for number in range(10)]
        ada.wait_until_ready(kept[-1])
        wait_until("all are ready", lambda: ada.total(status="ready") == 10)

        disk.fill(server.process)
        refused = self.save_until_refused(ada, kept)
        self.assert_problem(refused, 500, 503, 507)
        upload = ada.api.upload("/api/bookmarks/import", b"<!DOCTYPE NETSCAPE-Bookmark-file-1><DL>" + bytes(2_000_000))
        self.assertGreaterEqual(self.assert_problem(upload, 400, 500, 503, 507) and upload.status, 400)
        register = server.api.post("/api/auth/register", {"username": "grace", "email": "g@example.org", "password": PASSWORD})
        self.assert_problem(register, 500, 503, 507)
        self.assert_reads(server, ada, kept)

        disk.free(server.process)
        again = wait_until(
            "writing works again", lambda: (answer := self.save(ada, "after")).status == 201 and answer, timeout=20, pause=0.5)
        kept.append(again.json)
        wait_until("nothing is pending", lambda: ada.total(status="pending") == 0, timeout=120, pause=0.5)
        self.assertEqual({bookmark["status"] for bookmark in ada.all_bookmarks()}, {"ready"})
        self.assert_reads(server, ada, kept)
        self.assertEqual(server.terminate(), 0)
        self.assertEqual(server.integrity(), "ok")

    def save_until_refused(self, person, kept: list):
        """Saves on while there is room left in the files there are, and gives the first answer that is no success."""
        for number in range(2000):
            answer = self.save(person, f"full-{number}")
            if answer.status != 201:
                return answer
            kept.append(answer.json)
        self.fail("the disk never filled up")

    @staticmethod
    def save(person, name: str):
        return person.api.post("/api/bookmarks", {"url": f"https://example.org/{name}", "text": LONG})

    def assert_reads(self, server, person, kept: list):
        """All that was acknowledged is listed, shown and found."""
        self.assert_status(server.api.get("/health"), 200)
        listed = {bookmark["id"] for bookmark in person.all_bookmarks()}
        self.assertLessEqual({bookmark["id"] for bookmark in kept}, listed)
        self.assertEqual(person.bookmark(kept[0]["id"])["url"], kept[0]["url"])
        self.assertTrue(person.search("crane bells", mode="text"))
        self.assertTrue(person.search("crane bells"))
