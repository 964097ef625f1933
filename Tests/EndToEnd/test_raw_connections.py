import re
import resource
import socket
import time

from harness.case import EndToEndTest


class RawConnections(EndToEndTest):
    """Connections that do not speak as they should"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # For this side's ends of many connections; the server was started with the limits as they were.
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))

    def tearDown(self):
        self.assert_status(self.api.get("/health"), 200)

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.api.port), timeout=30)
        self.addCleanup(connection.close)
        return connection

    def exchange(self, *pieces: bytes) -> bytes:
        """Sends bytes, and gives all that comes back until the server closes or is silent for two seconds."""
        connection = self.connect()
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            connection.settimeout(2)
            while part := connection.recv(65536):
                received += part
        except (TimeoutError, ConnectionError):
            pass
        return received

    def test_garbage(self):
        """What is no HTTP is answered with a 400, or not at all."""
        for garbage in (
            b"garbage\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), b"GET\r\n\r\n", b"\x00" * 1000,
            b"GET / HTTP/9.9\r\n\r\n", b"GET /health HTTP/1.1\r\nno colon here\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", b"GET /health HTTP/1.1\r\n Host: folded\r\n\r\n",
            b"POST /api/bookmarks HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            b"POST /api/bookmarks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n",
        ):
            with self.subTest(garbage[:60]):
                answer = self.exchange(garbage)
                if answer:
                    self.assertRegex(answer, rb"^HTTP/1\.[01] (400|401|405|501|505) ")

    def test_smuggling(self):
        """A request with two ideas of its length is not taken for two requests."""
        smuggled = b"GET /version HTTP/1.1\r\nHost: a\r\n\r\n"
        request = (
            b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled)
        self.assertNotIn(b'"version"', self.exchange(request))

    def test_huge_head(self):
        """A head without end is refused and does not fill the memory."""
        for request in (
            b"GET /health HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 300_000 + b"\r\n\r\n",
            b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"X-Many: 1\r\n" * 20_000 + b"\r\n",
        ):
            with self.subTest(request[:30]):
                answer = self.exchange(request)
                if answer:
                    self.assertRegex(answer, rb"^HTTP/1\.1 (400|414|431) ")

    def test_upgrade(self):
        """A client that offers another protocol gets its answer in this one, and goes on."""
        for upgrade in (b"h2c", b"websocket", b"TLS/1.0"):
            with self.subTest(upgrade):
                request = b"GET /version HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: " + upgrade + b"\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
                started = time.monotonic()
                last = b"GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                answer = self.exchange(request, last)
                self.assertEqual(answer.count(b"HTTP/1.1 200 OK"), 2, answer)
                self.assertLess(time.monotonic() - started, 1.9)

    def test_pipelined(self):
        """Requests sent at once are answered in their order."""
        paths = [b"/version", b"/nothing", b"/health", b"/api/bookmarks"] * 25
        requests = b"".join(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n" for path in paths[:-1])
        answer = self.exchange(requests + b"GET " + paths[-1] + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        statuses = re.findall(rb"HTTP/1\.1 (\d+) ", answer)
        self.assertEqual(statuses, [b"200", b"404", b"200", b"401"] * 25)

    def test_http_1_0(self):
        """A client of HTTP/1.0 gets its answer and the end of the connection."""
        started = time.monotonic()
        answer = self.exchange(b"GET /version HTTP/1.0\r\n\r\n")
        self.assertRegex(answer, rb"^HTTP/1\.[01] 200 ")
        self.assertLess(time.monotonic() - started, 1.9)

    def test_expect(self):
        """A client that asks before it sends a body gets an answer."""
        head = b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        connection = self.connect()
        connection.sendall(head)
        self.assertRegex(connection.recv(100), rb"^HTTP/1\.1 (100|400|401|417) ")

    def test_hanging_up(self):
        """Clients that hang up in the middle of a request or an answer leave no trace."""
        for request in (b"GET /hea", b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{", b"GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n"):
            for _ in range(20):
                connection = self.connect()
                connection.sendall(request)
                connection.close()

    def test_slow_clients(self):
        """Three hundred clients that send a letter now and then keep nobody waiting."""
        slow = [self.connect() for _ in range(300)]
        for number, connection in enumerate(slow):
            body = b"GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: " if number % 2 else b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
            connection.sendall(body)
        for _ in range(3):
            for connection in slow:
                connection.send(b"a")
            for _ in range(10):
                started = time.monotonic()
                self.assert_status(self.api.get("/version"), 200)
                self.assertLess(time.monotonic() - started, 1)

    def test_idle_clients(self):
        """A thousand idle connections are kept, and served when they speak."""
        idle = [self.connect() for _ in range(1000)]
        self.assert_status(self.api.get("/version"), 200)
        for connection in idle[::100]:
            connection.sendall(b"GET /version HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertRegex(connection.recv(4096), rb"^HTTP/1\.1 200 ")
