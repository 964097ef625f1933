"""Requests to the API and their answers."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Api:
    """One server's API as one caller sees it."""

    def __init__(self, port: int, token: str | None = None):
        self.port = port
        self.token = token

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None,
        timeout: float = 60, **query,
    ) -> Answer:
        """Sends a request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, address(path, query), body, self._headers(headers))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def _headers(self, headers: dict[str, str] | None) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return own | (headers or {})

    def send(self, method: str, path: str, value, **query) -> Answer:
        """Sends a value as JSON."""
        return self.request(
            method, path, json.dumps(value).encode(), {"Content-Type": "application/json"}, **query)

    def get(self, path: str, **query) -> Answer:
        return self.request("GET", path, **query)

    def post(self, path: str, value) -> Answer:
        return self.send("POST", path, value)

    def patch(self, path: str, value) -> Answer:
        return self.send("PATCH", path, value)

    def delete(self, path: str) -> Answer:
        return self.request("DELETE", path)

    def upload(self, path: str, file: bytes, field: str = "file", **query) -> Answer:
        """Sends a file as a browser's form does."""
        boundary = "----FormBoundary7MA4YWxkTrZu0gW"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="bookmarks.html"\r\n'
            "Content-Type: text/html\r\n\r\n")
        body = head.encode() + file + f"\r\n--{boundary}--\r\n".encode()
        return self.request(
            "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, timeout=120, **query)


def address(path: str, query: dict) -> str:
    """A path with its query; a value that is None is left out."""
    given = {name.rstrip("_"): value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path
