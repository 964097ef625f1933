"""A web site on this machine, made by the test that needs it."""

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class SeenRequest:
    path: str
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)


class _Visit(BaseHTTPRequestHandler):
    """One request on its way; what a route is given to answer."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in two writes, and the second must not wait for the first to be acknowledged.
    disable_nagle_algorithm = True

    def do_GET(self):
        self.server.site.receive(self)

    do_HEAD = do_POST = do_GET

    def log_message(self, *_):
        pass

    def answer(self, body: bytes, status: int = 200, type: str = "text/html; charset=utf-8", **headers: str):
        self.send_response(status)
        self.send_header("Content-Type", type)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, location: str, status: int = 302):
        self.answer(b"", status, Location=location)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        """Clients that hang up early are what some tests are about."""


class LocalSite:
    """Answers on loopback: pages by their path, or families of pages by how their path begins."""

    def __init__(self):
        self._routes = {}
        self._families = {}
        self._seen: list[SeenRequest] = []
        self._lock = threading.Lock()
        self._listener = _Listener(("127.0.0.1", 0), _Visit)
        self._listener.site = self
        self.is_open = True
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self._listener.server_address[1]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def page(self, path: str, html: str) -> str:
        """Serves a page, and gives its address."""
        return self.route(path, lambda visit: visit.answer(html.encode()))

    def route(self, path: str, answer) -> str:
        """Has a path answered by a function that is given the visit, and gives the address."""
        self._routes[path] = answer
        return self.url(path)

    def family(self, prefix: str, html):
        """Has every path that begins so answered by `html(rest of the path)`."""
        self._families[prefix] = html

    def receive(self, visit: _Visit):
        with self._lock:
            self._seen.append(SeenRequest(visit.path, dict(visit.headers)))
        path = urlsplit(visit.path).path
        if path in self._routes:
            return self._routes[path](visit)
        for prefix, html in self._families.items():
            if path.startswith(prefix):
                return visit.answer(html(path.removeprefix(prefix)).encode())
        visit.answer(b"<h1>Not found</h1>", 404)

    @property
    def seen(self) -> list[SeenRequest]:
        """Every request so far."""
        with self._lock:
            return list(self._seen)

    def visits(self, path: str) -> int:
        return sum(request.path == path for request in self.seen)

    def close(self):
        self.is_open = False
        self._listener.shutdown()
        self._listener.server_close()
