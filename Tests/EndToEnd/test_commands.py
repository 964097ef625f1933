import json
import math
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import program
from harness.articles import article
from harness.exports import Link, plain_export
from harness.people import PASSWORD
from harness.records import new_records
from harness.site import LocalSite


class CommandTest(unittest.TestCase):
    """A test of the command line in a folder of its own."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.records = new_records(self.folder / "data")
        self.addCleanup(self.records.close)

    def fuze(self, *arguments: str, stdin: bytes = b"", **settings: str):
        return program.run(*arguments, folder=self.folder, stdin=stdin, **self.records.settings | settings)

    def assert_done(self, result) -> str:
        """The standard output of a command that did its work."""
        self.assertEqual(result.returncode, 0, result)
        return result.stdout.decode()

    def assert_refused(self, result) -> str:
        """What a command that could not do its work said about it, and that it gave no result."""
        self.assertNotEqual(result.returncode, 0, result)
        self.assertGreater(result.returncode, 0, f"ended by a signal: {result}")
        self.assertEqual(result.stdout, b"", result)
        message = result.stderr.decode()
        self.assertTrue(message.strip())
        for word in ("Swift.", "Fatal error", "Optional(", "DatabaseFailure", "Error Domain"):
            self.assertNotIn(word, message)
        return message

    def create_user(self, name: str = "ada") -> dict:
        return json.loads(self.assert_done(self.fuze("user", "create", name, f"{name}@example.org", stdin=PASSWORD.encode() + b"\n")))


class General(CommandTest):
    """The program and its commands explain themselves"""

    COMMANDS = (
        "serve", "worker", "migrate", "user", "save", "import", "search", "backup", "restore", "copy", "doctor", "extract", "embed",
        "normalize-url")

    def test_help(self):
        """`fuze --help` names every command, and each explains itself."""
        help = self.assert_done(self.fuze("--help"))
        for command in self.COMMANDS:
            self.assertIn(command, help)
            own = self.assert_done(self.fuze(command, "--help"))
            self.assertIn("USAGE", own)
            self.assertIn("OVERVIEW", own)
        self.assertIn("create", self.assert_done(self.fuze("user", "--help")))
        for option in ("--host", "--port", "--data-dir"):
            self.assertIn(option, self.assert_done(self.fuze("serve", "--help")))
        for option in ("--json", "--limit", "--mode", "--user"):
            self.assertIn(option, self.assert_done(self.fuze("search", "--help")))
        self.assertFalse((self.folder / "data").exists())

    def test_version(self):
        """The version is a bare number."""
        self.assertRegex(self.assert_done(self.fuze("--version")), r"^\d+\.\d+\.\d+\n$")

    def test_mistakes(self):
        """Commands, options and values that are none are refused with a word on why."""
        for arguments in (
            ["fly"], ["serve", "--port", "many"], ["serve", "--nope"], ["search"], ["search", "x", "--limit", "0"],
            ["search", "x", "--mode", "magic"], ["import"], ["user", "create"], ["user", "remove"],
        ):
            with self.subTest(arguments):
                self.assertIn("rror", self.assert_refused(self.fuze(*arguments)))

    def test_settings(self):
        """All mistakes in the settings are listed at once, without their values."""
        message = self.assert_refused(self.fuze(
            "serve", port="70000", workers="lots", log_level="loud", environment="moon", secret_key="too-short-secret"))
        for name in ("FUZE_PORT", "FUZE_WORKERS", "FUZE_LOG_LEVEL", "FUZE_ENVIRONMENT", "FUZE_SECRET_KEY"):
            self.assertIn(name, message)
        self.assertNotIn("too-short-secret", message)

    def test_port_in_use(self):
        """A port that is taken is said to be, and the program ends."""
        site = LocalSite()
        self.addCleanup(site.close)
        self.assert_refused(self.fuze("serve", "--port", str(site.port)))

    def test_data_folder(self):
        """A data folder that cannot be made is said to be."""
        (self.folder / "file").write_text("not a folder")
        message = self.assert_refused(program.run("migrate", folder=self.folder, data_dir=str(self.folder / "file" / "data")))
        self.assertIn("file", message)

    def test_broken_database(self):
        """A database file that is none is refused and left as it is."""
        (self.folder / "data").mkdir()
        file = self.folder / "data" / "fuze.sqlite"
        file.write_bytes(b"These are my notes, not a database. " * 200)
        # With a PostgreSQL there is no file to break.
        self.assert_refused(program.run("migrate", folder=self.folder))
        self.assertTrue(file.read_bytes().startswith(b"These are my notes"))


class Migrations(CommandTest):
    """`migrate` brings the schema up to date"""

    def test_migrate(self):
        """Once it makes the schema, the second time nothing."""
        planned = self.assert_done(self.fuze("migrate", "--dry-run"))
        self.assertTrue(planned.strip())
        first = self.assert_done(self.fuze("migrate"))
        self.assertEqual(first, planned)
        self.assertEqual(self.assert_done(self.fuze("migrate")), "")
        self.assertLessEqual({"users", "bookmarks", "jobs"}, self.records.tables())


class Libraries(CommandTest):
    """Commands that act on a library"""

    def setUp(self):
        super().setUp()
        self.site = LocalSite()
        self.addCleanup(self.site.close)
        for name in ("lava", "wheel", "espresso"):
            self.site.page(article(name).path, article(name).page)

    def url(self, name: str) -> str:
        return self.site.url(article(name).path)

    def fuze(self, *arguments: str, stdin: bytes = b"", **settings: str):
        return super().fuze(*arguments, stdin=stdin, **({"fetch_allow_private": "true"} | settings))

    def test_user_create(self):
        """An account is made from a name, an address and a password on standard input."""
        user = self.create_user()
        self.assertEqual((user["username"], user["email"], user["role"]), ("ada", "ada@example.org", "admin"))
        self.assertNotIn("password", json.dumps(user))
        message = self.assert_refused(self.fuze("user", "create", "ada", "b@example.org", stdin=PASSWORD.encode()))
        self.assertIn("taken", message)
        for arguments, stdin in (
            (("grace", "no-address"), b"long-enough-1"), (("g", "g@example.org"), b"long-enough-1"),
            (("grace", "g@example.org"), b"short"), (("grace", "g@example.org"), b""),
        ):
            self.assert_refused(self.fuze("user", "create", *arguments, stdin=stdin))

    def test_save_and_search(self):
        """Links given as arguments are saved, read and found."""
        self.create_user()
        saved = [json.loads(line) for line in self.assert_done(self.fuze("save", self.url("lava"), self.url("wheel"))).splitlines()]
        self.assertEqual([line["url"] for line in saved], [self.url("lava"), self.url("wheel")])
        self.assertEqual({line["status"] for line in saved}, {"ready"})
        found = self.assert_done(self.fuze("search", "fixing", "a", "bicycle", "--json"))
        results = [json.loads(line) for line in found.splitlines()]
        self.assertEqual(results[0]["url"], self.url("wheel"))
        self.assertLessEqual({"kind", "id", "url", "title", "score", "legs", "snippet"}, set(results[0]))
        plain = self.assert_done(self.fuze("search", "spokes", "--mode", "text", "--limit", "1"))
        self.assertIn("A wheel that runs true", plain)
        self.assertNotIn("<mark>", plain)
        self.assertEqual(self.assert_done(self.fuze("search", "xylophone", "--mode", "text", "--json")), "")

    def test_save_from_stdin(self):
        """Links come from standard input, too; what is none is named, and the others are saved."""
        self.create_user()
        lines = f"{self.url('lava')}\n\njavascript:alert(1)\n{self.url('espresso')}\n{self.url('lava')}\n"
        result = self.fuze("save", stdin=lines.encode())
        self.assertGreater(result.returncode, 0)
        self.assertIn(b"javascript:alert(1)", result.stderr)
        urls = [json.loads(line)["url"] for line in result.stdout.splitlines()]
        self.assertEqual(urls, [self.url("lava"), self.url("espresso"), self.url("lava")])

    def test_save_failed_page(self):
        """A link whose page cannot be had is saved, and its line says so."""
        self.create_user()
        result = self.fuze("save", self.site.url("/missing"))
        [line] = result.stdout.splitlines()
        self.assertEqual(json.loads(line)["status"], "failed")
        self.assertIn("not found", json.loads(line)["failure"])

    def test_import(self):
        """A file is imported, fetched and reported; the second time all is known."""
        self.create_user()
        file = self.folder / "bookmarks.html"
        file.write_bytes(plain_export([Link(self.url("lava"), "Lava"), Link("javascript:x", "No"), Link(self.url("wheel"), "Wheel")]))
        report = json.loads(self.assert_done(self.fuze("import", str(file))))
        self.assertEqual((report["imported"], report["refused"]), (2, 1))
        self.assertEqual([problem["line"] for problem in report["problems"]], [5])
        again = json.loads(self.assert_done(self.fuze("import", "-", "--skip-fetch", stdin=file.read_bytes())))
        self.assertEqual((again["imported"], again["duplicates"]), (0, 2))
        self.assertEqual(self.site.visits(article("lava").path), 1)
        results = self.assert_done(self.fuze("search", "--json", "volcanic eruption"))
        self.assertEqual(json.loads(results.splitlines()[0])["title"], "Lava")

    def test_import_mistakes(self):
        """A file that is not there, or no bookmark file, is said to be."""
        self.create_user()
        self.assertIn("nowhere.html", self.assert_refused(self.fuze("import", "nowhere.html")))
        for stdin in (b"", b"Dear Grace", bytes(range(256)) * 100):
            result = self.fuze("import", "-", stdin=stdin)
            self.assertGreater(result.returncode, 0, result)
            self.assertTrue(result.stderr.strip())

    def test_whose(self):
        """The account may be left out while there is one; with several it must be named."""
        self.assert_refused(self.fuze("save", self.url("lava")))
        self.create_user("ada")
        self.create_user("grace")
        self.assertIn("--user", self.assert_refused(self.fuze("save", self.url("lava"))))
        self.assertIn("alan", self.assert_refused(self.fuze("search", "lava", "--user", "alan")))
        self.assert_done(self.fuze("save", "--user", "ada", self.url("lava")))
        self.assertTrue(self.assert_done(self.fuze("search", "--user", "ada@example.org", "lava")))
        self.assertEqual(self.assert_done(self.fuze("search", "--user", "grace", "lava")), "")


class Filters(CommandTest):
    """Commands that turn lines into lines"""

    def test_normalize_url(self):
        """Each address becomes its key in its place, and what is none an empty line."""
        lines = [
            "HTTP://www.Example.org:80/a/../b/?utm_source=x&b=2&a=1#top", "https://example.org/b?a=1&b=2", "javascript:alert(1)", "",
            "not an address", "ftp://example.org/", "https://bücher.example/ä", "\x00", "  https://example.org/x  ",
        ]
        output = self.assert_done(self.fuze("normalize-url", stdin="\n".join(lines).encode() + b"\n")).split("\n")
        self.assertEqual(len(output), len(lines) + 1)
        self.assertEqual(output[0], output[1])
        self.assertEqual([output[n] for n in (2, 3, 4, 5, 7)], [""] * 5)
        self.assertTrue(output[6].isascii())
        self.assertTrue(output[8])

    def test_idempotent(self):
        """A key's key is itself."""
        lines = "https://www.youtube.com/watch?v=abc&t=5\nhttp://m.example.org/a%2fb/\nhttps://example.org/#/route\n"
        once = self.assert_done(self.fuze("normalize-url", stdin=lines.encode()))
        self.assertEqual(self.assert_done(self.fuze("normalize-url", stdin=once.encode())), once)

    def test_many_lines(self):
        """Fifty thousand lines keep their order, also without a last line end and with bytes that are no text."""
        lines = b"".join(b"https://example.org/%d\n" % number for number in range(50_000)) + b"\xff\xfe\nhttps://example.org/last"
        output = self.assert_done(self.fuze("normalize-url", stdin=lines)).splitlines()
        self.assertEqual(len(output), 50_002)
        self.assertTrue(all(line.endswith(f"example.org/{number}") for number, line in enumerate(output[:50_000])))
        self.assertEqual(output[50_000], "")
        self.assertTrue(output[50_001].endswith("/last"))

    def test_files(self):
        """Files are read one after another; one that is not there is named."""
        (self.folder / "a").write_text("https://example.org/a\n")
        (self.folder / "b").write_text("https://example.org/b\r\n")
        output = self.assert_done(self.fuze("normalize-url", "a", "b")).splitlines()
        self.assertEqual([line.rsplit("/", 1)[-1] for line in output], ["a", "b"])
        result = self.fuze("normalize-url", "a", "nowhere")
        self.assertGreater(result.returncode, 0)
        self.assertIn(b"nowhere", result.stderr)

    def test_nothing(self):
        """Nothing in, nothing out."""
        for command in ("normalize-url", "extract", "embed"):
            self.assertEqual(self.assert_done(self.fuze(command)), "", command)

    def test_extract(self):
        """Each page gives its article; what cannot be done says so with its id, and the rest goes on."""
        pages = [article(name) for name in ("lava", "wheel", "pawn")]
        lines = [json.dumps({"id": page.name, "url": f"https://example.org{page.path}", "html": page.page}) for page in pages]
        lines[1:1] = ["{broken", json.dumps({"id": "no-html", "url": "https://example.org/"}), json.dumps({"id": 7, "html": 5}), "[]"]
        output = [json.loads(line) for line in self.assert_done(self.fuze("extract", stdin="\n".join(lines).encode())).splitlines()]
        self.assertEqual(len(output), len(lines))
        self.assertEqual([line.get("id") for line in output], ["lava", None, "no-html", 7, None, "wheel", "pawn"])
        self.assertTrue(all("error" in line for line in output[1:5]))
        for line, page in zip([output[0], output[5], output[6]], pages):
            self.assertLessEqual({"id", "title", "byline", "site_name", "excerpt", "lang", "published_at", "text"}, set(line))
            self.assertEqual((line["title"], line["byline"], line["lang"]), (page.title, "Ida Sommer", "en"))
            self.assertIn(" ".join(page.paragraphs[0].split())[:60], line["text"])
            self.assertNotIn("cookies", line["text"])

    def test_extract_odd_pages(self):
        """Odd pages give a line each."""
        htmls = ["", " ", "plain words", "<", "<html", "\x00" * 10, "<p>" * 5000, "</div>" * 5000, "<script>", "<!--", "🎈" * 1000]
        lines = "\n".join(json.dumps({"id": str(number), "url": "https://example.org/", "html": html}) for number, html in enumerate(htmls))
        output = [json.loads(line) for line in self.assert_done(self.fuze("extract", stdin=lines.encode())).splitlines()]
        self.assertEqual([line["id"] for line in output], [str(number) for number in range(len(htmls))])

    def test_embed(self):
        """Each text becomes 384 numbers of length one, and what means the same is near."""
        texts = ["A cat sleeps on the sofa.", "A kitten naps on the couch.", "Interest rates rose by two per cent.", "x " * 2000, "日本語 🎈", "\x00"]
        output = self.assert_done(self.fuze("embed", stdin="\n".join(texts).encode() + b"\n")).splitlines()
        vectors = [json.loads(line)["embedding"] for line in output]
        self.assertEqual([len(vector) for vector in vectors], [384] * len(texts))
        for vector in vectors:
            self.assertAlmostEqual(math.sqrt(sum(number * number for number in vector)), 1, places=3)
        near, far = (sum(a * b for a, b in zip(vectors[0], other)) for other in vectors[1:3])
        self.assertGreater(near, 0.5)
        self.assertLess(far, 0.2)

    def test_embed_order(self):
        """Texts of all lengths keep their order, and an empty line its place."""
        texts = ["word " * (number * 7 % 50 + 1) + str(number) for number in range(200)]
        texts[50] = ""
        together = self.assert_done(self.fuze("embed", stdin="\n".join(texts).encode())).splitlines()
        self.assertEqual(len(together), 200)
        for number in (0, 49, 51, 199):
            [alone] = self.assert_done(self.fuze("embed", stdin=texts[number].encode())).splitlines()
            alone, other = json.loads(alone)["embedding"], json.loads(together[number])["embedding"]
            self.assertGreater(sum(a * b for a, b in zip(alone, other)), 0.99)

    def test_embed_without_model(self):
        """Without the model `embed` says so and ends."""
        self.assert_refused(self.fuze("embed", stdin=b"words\n", packages=str(self.folder)))

    def test_closed_output(self):
        """A reader that has seen enough ends the filter quietly."""
        lines = b"https://example.org/\n" * 200_000
        (self.folder / "lines").write_bytes(lines)
        result = subprocess.run(
            f"'{program.FUZE}' normalize-url lines | head -1", shell=True, cwd=self.folder, capture_output=True, timeout=60)
        self.assertEqual(result.stdout.count(b"\n"), 1)
        self.assertNotIn(b"Fatal", result.stderr)
