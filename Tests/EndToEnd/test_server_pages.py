import re
import subprocess

from harness import program
from harness.case import EndToEndTest, OwnServerTest


class ServerPages(EndToEndTest):
    """What the server says of itself"""

    def test_health(self):
        """`/health` says how each part is, at both addresses, to everybody."""
        for path in ("/health", "/api/health"):
            health = self.assert_status(self.api.get(path), 200).json
            self.assertIn(health["status"], ("ok", "degraded"))
            self.assertLessEqual({"database", "embeddings"}, set(health["parts"]))
            self.assertEqual(health["parts"]["database"]["state"], "ok")
            self.assertRegex(health["started_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")

    def test_ready(self):
        """`/ready` answers 200."""
        for path in ("/ready", "/api/ready"):
            self.assert_status(self.api.get(path), 200)

    def test_version(self):
        """`/version` says the same as the program's own `--version`."""
        own = program.run("--version", folder=self.server.folder).stdout.decode().strip()
        for path in ("/version", "/api/version"):
            self.assertEqual(self.api.get(path).json, {"version": own})
        self.assertEqual(self.api.get("/health").json["version"], own)

    def test_docs(self):
        """The page of documentation loads all it needs from this server."""
        page = self.assert_status(self.api.get("/docs"), 200)
        self.assertTrue(page.headers["Content-Type"].startswith("text/html"))
        assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        self.assertTrue(assets)
        types = {"css": "text/css", "js": "text/javascript", "png": "image/png", "yaml": "application/yaml"}
        for asset in assets:
            with self.subTest(asset):
                self.assertTrue(asset.startswith("/"), "it comes from elsewhere")
                answer = self.assert_status(self.api.get(asset), 200)
                self.assertTrue(answer.headers["Content-Type"].startswith(types[asset.rsplit(".", 1)[-1]]))
                self.assertTrue(answer.body)
        self.assertIn("script-src 'self'", page.headers["Content-Security-Policy"])

    def test_description(self):
        """`/openapi.yaml` is the description that this program was built with."""
        answer = self.assert_status(self.api.get("/openapi.yaml"), 200)
        self.assertTrue(answer.text.startswith("openapi: 3.1"))
        self.assertIn("/api/bookmarks/{id}/content:", answer.text)

    def test_described_paths(self):
        """Every path of the description exists: no GET of it is an unmatched path."""
        unmatched = self.api.get("/certainly/not/there").json["message"]
        for path in re.findall(r"^  (/[^\s:]*):", self.api.get("/openapi.yaml").text, re.MULTILINE):
            with self.subTest(path):
                answer = self.api.get(re.sub(r"\{\w+\}", "1", path))
                if answer.status == 404:
                    self.assertNotEqual(answer.json["message"], unmatched)


class Start(OwnServerTest):
    """Starting"""

    def test_quick(self):
        """It is ready soon after it was started, on new data and on old."""
        server = self.serve()
        first = server.seconds_to_ready
        server.terminate()
        server.start()
        self.note(f"ready after {first:.2f} s on new data, {server.seconds_to_ready:.2f} s on old")
        self.assertLess(max(first, server.seconds_to_ready), 5)

    def test_worker_apart(self):
        """With no workers in `serve`, jobs wait for `fuze worker`."""
        server = self.serve(workers="0")
        ada = server.newcomer("ada")
        bookmark = ada.save("https://example.org/", text="A quiet page.")
        self.assertEqual(ada.bookmark(bookmark["id"])["status"], "pending")
        worker = subprocess.Popen(
            [program.FUZE, "worker", "--data-dir", str(server.data)], cwd=server.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=program.environment(**server.records.settings))
        self.addCleanup(worker.wait, 30)
        self.addCleanup(worker.terminate)
        ada.wait_until_ready(bookmark)
        worker.terminate()
        self.assertEqual(worker.wait(30), 0)
