import tempfile

from harness.case import OwnServerTest
from harness.waiting import wait_until


class NoModel(OwnServerTest):
    """Without its model Fuze goes on by words alone"""

    def test_missing_then_there(self):
        """It saves and finds by words, says what is missing, and catches up when the model is there."""
        empty = self.enterContext(tempfile.TemporaryDirectory())
        server = self.serve(packages=empty)
        ada = server.newcomer("ada")
        for number, text in enumerate(["The otter sleeps on its back in the kelp.", "A bakery opens at five in the morning."]):
            ada.wait_until_ready(ada.save(f"https://example.org/{number}", text=text))
        self.assertEqual(ada.search("otter", mode="text")[0]["url"], "https://example.org/0")
        self.assertEqual(ada.search("otter")[0]["url"], "https://example.org/0")
        self.assertEqual(ada.search("aquatic mammal", mode="semantic"), [])
        health = wait_until(
            "its health says so",
            lambda: (found := server.api.get("/health").json)["status"] == "degraded" and found, timeout=15, pause=0.5)
        part = health["parts"]["embeddings"]
        self.assertEqual(part["state"], "degraded")
        self.assertTrue(part["message"])
        self.assertNotIn(empty, part["message"])
        self.assert_status(server.api.get("/ready"), 200)

        self.assertEqual(server.terminate(), 0)
        del server.settings["packages"]
        server.start()
        ada.returns_to(server.api)
        wait_until("meaning is caught up", lambda: self.finds_otter(ada), timeout=60, pause=0.5)
        self.assertEqual(server.api.get("/health").json["status"], "ok")

    @staticmethod
    def finds_otter(person) -> bool:
        found = person.search("aquatic mammal", mode="semantic")
        return bool(found) and found[0]["url"] == "https://example.org/0"
