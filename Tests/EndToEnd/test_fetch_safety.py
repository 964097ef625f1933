from harness.case import OwnServerTest
from harness.exports import Link, plain_export
from harness.pages import story


class FetchSafety(OwnServerTest):
    """Links of users do not open the server's own network"""

    def setUp(self):
        self.site.page("/secret", story("A page of the intranet"))
        self.ada = self.serve(fetch_allow_private=None).newcomer("ada")
        port = self.site.port
        local = [
            "127.0.0.1", "localhost", "LOCALHOST.", "sub.localhost", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1",
            "0177.0.0.1", "017700000001", "127.0.0.1.", "127.000.000.001", "0.0.0.0", "0", "127.255.255.254", "[::1]", "[::]",
            "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]",
            "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "user:secret@127.0.0.1",
        ]
        self.links = [f"http://{host}:{port}/secret" for host in local] + [
            "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://[fd00::1]/",
            "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/", "http://[fd00:ec2::254]/latest/",
            "http://100.100.100.200/", "http://metadata.google.internal/", "http://224.0.0.1/", "http://255.255.255.255/",
            "http://[ff02::1]/", f"https://127.0.0.1:{port}/secret", "http://127.0.0.1:22/", "http://192.0.2.1/",
        ]

    def test_saving(self):
        """Saved links to closed addresses fail for good, with a reason, and nothing is asked for."""
        for bookmark in [self.save(link) for link in self.links]:
            if bookmark is None:
                continue
            with self.subTest(bookmark["url"]):
                settled = self.ada.wait_until_settled(bookmark)
                self.assertEqual(settled["status"], "failed")
                self.assertTrue(settled["failure"])
                self.assertIsNone(settled["next_retry_at"])
        self.assertEqual(self.site.seen, [])

    def save(self, link: str) -> dict | None:
        """The bookmark; None for what is no web address at all."""
        answer = self.ada.api.post("/api/bookmarks", {"url": link})
        if answer.status == 400:
            self.assert_problem(answer, 400)
            return None
        self.assertIn(answer.status, (200, 201), (link, answer))
        return answer.json

    def test_preview(self):
        """The preview of a closed address is refused, with a reason, and nothing is asked for."""
        for link in self.links:
            with self.subTest(link):
                self.assert_problem(self.ada.api.post("/api/bookmarks/extract-url", {"url": link}), 400, 422)
        self.assertEqual(self.site.seen, [])

    def test_import(self):
        """Imported links to closed addresses are kept as failed bookmarks."""
        links = [Link(self.site.url(f"/secret?{number}"), f"Secret {number}") for number in range(5)]
        self.ada.wait_for_job(self.ada.import_file(plain_export(links))["id"])
        self.assertEqual(self.ada.total(status="failed"), 5)
        self.assertEqual(self.site.seen, [])
