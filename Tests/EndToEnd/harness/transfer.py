"""Installations with something in every part, and what must be there after they were moved."""

from pathlib import Path

from . import program
from .articles import article
from .case import OwnServerTest
from .exports import Link, plain_export
from .people import PASSWORD, Person
from .server import FuzeServer
from .waiting import wait_until

_NAMES = ("lava", "wheel", "espresso", "pawn")


class TransferTest(OwnServerTest):
    """A test that moves an installation with people, pages and work in it."""

    def fill(self, server: FuzeServer) -> Person:
        """An installation with something in every part."""
        ada = server.newcomer("ada")
        for name in _NAMES:
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
