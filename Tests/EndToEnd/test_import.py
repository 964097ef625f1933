import time

from harness.articles import article
from harness.case import EndToEndTest
from harness.exports import Link, chrome_export, firefox_export, plain_export
from harness.waiting import wait_until

SUBJECTS = [
    "granite quarry", "paper lantern", "river otter", "copper kettle", "alpine meadow", "jazz trumpet", "desert fox",
    "harbour crane", "lemon orchard", "steam engine",
]


def numbered_links(count: int) -> list[Link]:
    return [
        Link(f"https://example.org/{number}/{SUBJECTS[number % 10].replace(' ', '-')}", f"{SUBJECTS[number % 10]} number {number}")
        for number in range(count)]


class Records(EndToEndTest):
    """Importing records without fetching their pages"""

    def test_two_thousand(self):
        """Two thousand links are ready and found by words when the job is done, and by meaning seconds later."""
        ada = self.newcomer("ada")
        started = time.monotonic()
        answer = ada.api.upload("/api/bookmarks/import", chrome_export({"All": numbered_links(2000)}), skip_fetch="true")
        self.assert_status(answer, 202)
        self.assertEqual(answer.headers["Location"], f"/api/jobs/{answer.json['id']}")
        job = ada.wait_for_job(answer.json["id"])
        self.note(f"2,000 records in {time.monotonic() - started:.1f} s")
        self.assertEqual(job["result"]["imported"], 2000)
        self.assertEqual(ada.total(status="ready"), 2000)
        self.assertEqual(ada.search("otter 1232", mode="text")[0]["url"], "https://example.org/1232/river-otter")
        wait_until("an aquatic mammal is found by meaning", lambda: self.finds_otter(ada), timeout=60, pause=0.5)
        self.note(f"all embedded after {time.monotonic() - started:.1f} s")

    @staticmethod
    def finds_otter(person) -> bool:
        found = person.search("aquatic mammal that swims", mode="semantic", limit=100)
        return len(found) == 100 and all("otter" in result["title"] for result in found)

    def test_same_file_twice(self):
        """The same file once more adds nothing."""
        ada = self.newcomer("ada")
        file = plain_export(numbered_links(30))
        ada.wait_for_job(ada.import_file(file, skip_fetch=True)["id"])
        second = ada.wait_for_job(ada.import_file(file, skip_fetch=True)["id"])
        self.assertEqual((second["result"]["imported"], second["result"]["duplicates"]), (0, 30))
        self.assertEqual(ada.total(), 30)

    def test_no_request(self):
        """With skip_fetch no page is asked for."""
        ada = self.newcomer("ada")
        links = [Link(self.site.url(f"/never/{number}"), f"Never {number}") for number in range(5)]
        ada.wait_for_job(ada.import_file(plain_export(links), skip_fetch=True)["id"])
        time.sleep(1)
        self.assertEqual([seen.path for seen in self.site.seen if seen.path.startswith("/never")], [])

    def test_hundred_duplicates(self):
        """One link a hundred times in a file becomes one bookmark."""
        ada = self.newcomer("ada")
        links = [Link(f"http://www.example.org/same?utm_campaign={number}", f"Same {number}") for number in range(100)]
        job = ada.wait_for_job(ada.import_file(plain_export(links), skip_fetch=True)["id"])
        self.assertEqual((job["result"]["imported"], job["result"]["duplicates"]), (1, 99))
        self.assertEqual(ada.total(), 1)


class Exports(EndToEndTest):
    """Files of different browsers"""

    def test_chrome(self):
        """A Chrome export is fetched and found."""
        ada = self.newcomer("ada")
        tern = article("tern")
        self.site.page(tern.path, tern.page)
        links = [Link(self.site.url(tern.path), "Arctic tern"), Link(self.site.url("/lost"), "A page that is gone")]
        job = ada.wait_for_job(ada.import_file(chrome_export({"Nature": links}))["id"])
        self.assertEqual(job["result"]["imported"], 2)
        self.assertEqual(job["children"]["succeeded"] + job["children"]["failed"], 2)
        self.assertEqual(ada.search("migrating seabird")[0]["title"], "Arctic tern")
        [lost] = ada.bookmarks(status="failed")["items"]
        self.assertEqual((lost["title"], lost["category"]), ("A page that is gone", "Nature"))
        self.assertTrue(ada.search("gone", mode="text"))

    def test_entities(self):
        """Entities, other scripts and emoji come through in titles, tags, notes and addresses."""
        ada = self.newcomer("ada")
        link = Link("https://example.org/?a=1&b=2", 'Ünïcode "quotes" <b> & 日本語 🎻', ("größe", "日本"), "Notes with < & >")
        ada.wait_for_job(ada.import_file(firefox_export({"Ordner & Co": [link]}), skip_fetch=True)["id"])
        [bookmark] = ada.bookmarks()["items"]
        self.assertEqual(
            (bookmark["url"], bookmark["title"], bookmark["tags"], bookmark["notes"], bookmark["category"]),
            (link.url, link.title, list(link.tags), link.notes, "Ordner & Co"))

    def test_windows_1252(self):
        """A file that is not UTF-8 is still read."""
        ada = self.newcomer("ada")
        head = b'<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1252">\n'
        file = head + '<DL><p>\n<DT><A HREF="https://example.org/cafe">Café – menu</A>\n</DL>'.encode("windows-1252")
        ada.wait_for_job(ada.import_file(file, skip_fetch=True)["id"])
        self.assertEqual([item["title"] for item in ada.bookmarks()["items"]], ["Café – menu"])

    def test_windows_lines(self):
        """A file with Windows line ends and a byte order mark is counted in the same lines."""
        ada = self.newcomer("ada")
        links = [Link("https://example.org/1", "One"), Link("ftp://example.org/2", "Two"), Link("https://example.org/3", "Three")]
        file = b"\xef\xbb\xbf" + plain_export(links).replace(b"\n", b"\r\n")
        job = ada.wait_for_job(ada.import_file(file, skip_fetch=True)["id"])
        self.assertEqual([problem["line"] for problem in job["result"]["problems"]], [5])
        self.assertEqual(ada.total(), 2)


class BrokenFiles(EndToEndTest):
    """Files that are not as they should be"""

    def test_no_bookmarks(self):
        """A file that holds no bookmarks is refused or its job fails with a reason, and nothing is saved."""
        for name, file in {
            "empty": b"", "spaces": b" \n" * 100, "binary": bytes(range(256)) * 400, "text": b"Dear Grace,\nsee you soon.\n",
            "json": b'{"bookmarks": [{"url": "https://example.org"}]}', "zip": b"PK\x03\x04" + bytes(5000),
            "page": b"<!doctype html><title>Hello</title><p>No links here.</p>",
        }.items():
            with self.subTest(name):
                ada = self.newcomer("ada")
                answer = ada.api.upload("/api/bookmarks/import", file)
                if answer.status == 202:
                    job = ada.wait_for_job(answer.json["id"])
                    self.assertEqual(job["status"], "failed", job)
                    self.assertTrue(job["failure"])
                    self.assertNotIn("Something went wrong", job["failure"])
                else:
                    self.assert_problem(answer, 400, 415, 422)
                self.assertEqual(ada.total(), 0)

    def test_truncated_in_tag(self):
        """Of a file cut off in the middle of a tag all whole entries are kept and the cut one is reported."""
        ada = self.newcomer("ada")
        whole = firefox_export({"Folder": numbered_links(20)})
        cut = whole[: whole.index(b'HREF="https://example.org/12/') + 25]
        job = ada.wait_for_job(ada.import_file(cut, skip_fetch=True)["id"])
        self.assertEqual(job["result"]["imported"], 12)
        self.assertEqual(ada.total(), 12)
        last_line = cut.count(b"\n") + 1
        self.assertEqual([problem["line"] for problem in job["result"]["problems"]], [last_line], job)

    def test_truncated_anywhere(self):
        """Wherever a file is cut off, what came whole before is kept."""
        ada = self.newcomer("ada")
        whole = firefox_export({"Folder": [Link(f"https://example.net/{number}", f"Link {number}") for number in range(6)]})
        first = whole.index(b"<DT><A")
        for cut in range(first + 40, len(whole), 97):
            job = ada.wait_for_job(ada.import_file(whole[:cut], skip_fetch=True)["id"])
            result = job["result"] or {"imported": 0, "duplicates": 0}
            self.assertGreaterEqual(
                result["imported"] + result["duplicates"], whole[:cut].count(b"</A>\n") - whole[:cut].count(b"place:"), cut)

    def test_bad_entries(self):
        """Entries that cannot be saved are reported by their line, and the good ones are kept."""
        ada = self.newcomer("ada")
        links = [
            Link("https://example.org/good-1", "Good"), Link("javascript:void(0)", "Script"), Link("", "Empty"),
            Link("https://example.org/good-2", ""), Link("file:///etc/passwd", "File"), Link("data:text/html,x", "Data"),
            Link("http://", "No host"), Link("https://example.org/" + "x" * 40_000, "Long"), Link("about:config", "About"),
            Link("https://example.org/good-3", "T" * 5000), Link("ftp://example.org/x", "Ftp"), Link("not an address", "Words"),
        ]
        job = ada.wait_for_job(ada.import_file(plain_export(links), skip_fetch=True)["id"])
        good = {"https://example.org/good-1", "https://example.org/good-2", "https://example.org/good-3"}
        self.assertEqual({item["url"] for item in ada.all_bookmarks()}, good)
        bad_lines = [number for number, link in enumerate(links, start=4) if link.url not in good]
        self.assertEqual([problem["line"] for problem in job["result"]["problems"]], bad_lines)
        self.assertEqual(job["result"]["refused"], len(bad_lines))
        self.assertTrue(all(problem["reason"] for problem in job["result"]["problems"]))

    def test_wild_markup(self):
        """Markup in disorder does not hide the links in it."""
        ada = self.newcomer("ada")
        file = b"""<!DOCTYPE NETSCAPE-Bookmark-file-1><TITLE>x</TITLE><DL>
            <dt><a href='https://example.org/single'>Single quotes</a>
            <DT><A ADD_DATE=1 HREF=https://example.org/bare>No quotes</A></DL></DL></DL>
            <DT><H3>Never closed<DL><p><DT><A HREF = "https://example.org/spaces" >Spaces</A>
            <DT><A HREF="https://example.org/nested"><b>Bold</b> title</A><DT><A>no address</A>
            <DT><A HREF="https://example.org/date" ADD_DATE="not a number">Odd date</A>
            <DT><A HREF="https://example.org/far" ADD_DATE="99999999999999999999">Far date</A>
            <!-- <DT><A HREF="https://example.org/comment">Commented out</A> -->"""
        ada.wait_for_job(ada.import_file(file, skip_fetch=True)["id"])
        found = {item["url"].rsplit("/", 1)[-1]: item["title"] for item in ada.all_bookmarks()}
        self.assertLessEqual({"single", "bare", "spaces", "nested", "date", "far"}, set(found))
        self.assertNotIn("comment", found)
        self.assertEqual(found["nested"], "Bold title")

    def test_deep_folders(self):
        """Folders in folders a thousand deep are no trouble."""
        ada = self.newcomer("ada")
        file = b"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>" + b"<DT><H3>Folder</H3><DL><p>" * 1000
        file += b'<DT><A HREF="https://example.org/deep">Deep</A>' + b"</DL><p>" * 1001
        ada.wait_for_job(ada.import_file(file, skip_fetch=True)["id"])
        self.assertEqual(ada.total(), 1)

    def test_fifty_megabytes(self):
        """A file of 50 MB with icons inline is taken, or refused as too large."""
        ada = self.newcomer("ada")
        started = time.monotonic()
        icon = "A" * 250_000
        rows = "".join(f'<DT><A HREF="https://example.org/big/{n}" ICON="data:image/png;base64,{icon}">Big {n}</A>\n' for n in range(200))
        answer = ada.api.upload(
            "/api/bookmarks/import", f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n{rows}</DL>".encode(), skip_fetch="true")
        if answer.status == 413:
            self.assert_problem(answer, 413)
        else:
            self.assert_status(answer, 202)
            self.note(f"taken within {time.monotonic() - started:.1f} s")
            self.assertEqual(ada.wait_for_job(answer.json["id"])["result"]["imported"], 200)
            self.assertEqual(ada.total(), 200)


class BrokenForms(EndToEndTest):
    """Uploads that are not as they should be"""

    def upload(self, body: bytes, type: str | None):
        ada = self.newcomer("ada")
        headers = {"Content-Type": type} if type else {}
        answer = ada.api.request("POST", "/api/bookmarks/import", body, headers)
        self.assertEqual(ada.total(), 0)
        return answer

    def test_no_file(self):
        """A form without the field `file` is a 400 that names it."""
        answer = self.newcomer("ada").api.upload("/api/bookmarks/import", plain_export(numbered_links(1)), field="other")
        self.assertIn("file", self.assert_problem(answer, 400)["details"])

    def test_other_type(self):
        """What is no form is a 415."""
        for type in ("text/html", "application/json", "application/x-www-form-urlencoded", None):
            with self.subTest(type):
                self.assert_problem(self.upload(plain_export(numbered_links(1)), type), 415)

    def test_boundaries(self):
        """A form whose boundary is missing, wrong or never closed is a 4xx, and nothing of it is kept."""
        part = b'Content-Disposition: form-data; name="file"; filename="b.html"\r\n\r\n' + plain_export(numbered_links(3))
        for name, type, body in [
            ("no boundary", "multipart/form-data", b"--x\r\n" + part + b"\r\n--x--\r\n"),
            ("another boundary", "multipart/form-data; boundary=y", b"--x\r\n" + part + b"\r\n--x--\r\n"),
            ("never closed", "multipart/form-data; boundary=x", b"--x\r\n" + part),
            ("empty body", "multipart/form-data; boundary=x", b""),
            ("no headers", "multipart/form-data; boundary=x", b"--x\r\n"),
            ("endless header", "multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: " + b"a" * 200_000),
            ("long boundary", "multipart/form-data; boundary=" + "z" * 5000, b""),
        ]:
            with self.subTest(name):
                answer = self.upload(body, type)
                self.assert_problem(answer, 400, 413, 415, 431)

    def test_skip_fetch_word(self):
        """A skip_fetch that is neither true nor false is a 400 that names it."""
        ada = self.newcomer("ada")
        answer = ada.api.upload("/api/bookmarks/import", plain_export(numbered_links(1)), skip_fetch="perhaps")
        self.assertIn("skip_fetch", self.assert_problem(answer, 400)["details"])
