"""The two kinds of end-to-end tests: those that share a server, and those that need one of their own."""

import atexit
import functools
import unittest

from .api import Answer
from .people import Person
from .server import FuzeServer
from .site import LocalSite

_INTERNAL_WORDS = ("Swift", "swift", "NIO", "SQLite", "SQLITE", "Optional(", "Error Domain", "/Sources/", "GRDB", "errno")


@functools.cache
def shared_server() -> FuzeServer:
    """The server of all tests that keep apart by their people."""
    server = FuzeServer().start()
    atexit.register(server.close)
    return server


class EndToEndTest(unittest.TestCase):
    """A test at the shared server, with a web site of the class's own."""

    @classmethod
    def setUpClass(cls):
        cls.server = shared_server()
        cls.api = cls.server.api
        cls.site = LocalSite()
        cls.addClassCleanup(cls.site.close)

    def newcomer(self, name: str) -> Person:
        return self.server.newcomer(name)

    def note(self, text: str):
        """Prints a figure that the reader of the report may want to know."""
        print(f"         {text}")

    def assert_problem(self, answer: Answer, *statuses: int) -> dict:
        """Checks that an answer is an error of one of these statuses in the API's one shape, and gives it."""
        self.assertIn(answer.status, statuses, answer)
        self.assertEqual(answer.headers["Content-Type"].split(";")[0], "application/json", answer)
        problem = answer.json
        self.assertEqual(set(problem), {"error", "code", "message", "details", "request_id"}, answer)
        self.assertEqual(problem["code"], problem["error"].upper())
        self.assertIsInstance(problem["details"], dict)
        self.assertTrue(problem["message"])
        self.assertEqual(problem["request_id"], answer.headers["X-Request-ID"])
        for word in _INTERNAL_WORDS:
            self.assertNotIn(word, answer.text)
        return problem

    def assert_status(self, answer: Answer, status: int):
        self.assertEqual(answer.status, status, answer)
        return answer


class OwnServerTest(EndToEndTest):
    """A test that stops, starves or kills its server, and so has one to itself."""

    @classmethod
    def setUpClass(cls):
        cls.site = LocalSite()
        cls.addClassCleanup(cls.site.close)

    def serve(self, **settings: str) -> FuzeServer:
        """Starts a server over a new folder; it ends with the test."""
        self.server = FuzeServer(**settings)
        self.addCleanup(self.server.close)
        self.server.start()
        self.api = self.server.api
        return self.server
