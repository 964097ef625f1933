"""People who use Fuze over its API."""

import http.client
import itertools
import json
from collections.abc import Iterator

from .api import Answer, Api
from .waiting import wait_until

PASSWORD = "Analytical-Engine-1843"
_numbers = itertools.count(1)


class Person:
    """Somebody with an account, signed in."""

    def __init__(self, username: str, email: str, signed_in: dict, api: Api):
        self.username = username
        self.email = email
        self.id = signed_in["user"]["id"]
        self.access_token = signed_in["access_token"]
        self.refresh_token = signed_in["refresh_token"]
        self.api = Api(api.port, self.access_token)

    @classmethod
    def register(cls, api: Api, name: str) -> "Person":
        username = f"{name}-{next(_numbers)}"
        email = f"{username}@example.org"
        answer = api.post("/api/auth/register", {"username": username, "email": email, "password": PASSWORD})
        assert answer.status == 201, f"{username} could not register: {answer}"
        return cls(username, email, answer.json, api)

    def returns_to(self, api: Api):
        """Goes on at the same installation after it was started again, perhaps on another port."""
        self.api = Api(api.port, self.access_token)

    def save(self, url: str, **fields) -> dict:
        """Saves a link that is new or known, and gives the bookmark."""
        answer = self.api.post("/api/bookmarks", {"url": url} | fields)
        assert answer.status in (200, 201), f"{url} was not saved: {answer}"
        return answer.json

    def bookmark(self, id: int) -> dict:
        return self._value(self.api.get(f"/api/bookmarks/{id}"))

    def bookmarks(self, **query) -> dict:
        """One page of the list."""
        return self._value(self.api.get("/api/bookmarks", **query))

    def all_bookmarks(self, **query) -> list[dict]:
        """The whole list, page by page along its cursors."""
        found, cursor = [], None
        while True:
            page = self.bookmarks(per_page=100, cursor=cursor, **query)
            found += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return found

    def total(self, **query) -> int:
        return self.bookmarks(per_page=1, **query)["total"]

    def search(self, q: str, **query) -> list[dict]:
        return self._value(self.api.get("/api/search", q=q, **query))["items"]

    def content(self, id: int) -> dict:
        return self._value(self.api.get(f"/api/bookmarks/{id}/content"))

    def import_file(self, file: bytes, skip_fetch: bool = False) -> dict:
        """Hands in a browser's export, and gives the job."""
        answer = self.api.upload("/api/bookmarks/import", file, skip_fetch="true" if skip_fetch else None)
        assert answer.status == 202, f"the file was not taken: {answer}"
        return answer.json

    def job(self, id: int) -> dict:
        return self._value(self.api.get(f"/api/jobs/{id}"))

    def wait_for_job(self, id: int, timeout: float = 60) -> dict:
        """Waits until a job and all that it started are finished."""
        finished = ("succeeded", "failed", "cancelled")
        return wait_until(
            f"job {id} is finished", lambda: (job := self.job(id))["status"] in finished and job, timeout, pause=0.1)

    def follow_job(self, id: int, timeout: float = 60, behind_nginx: bool = False) -> Iterator[tuple[str, dict]]:
        """The events of a job as they arrive: their names and data."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api.port, timeout=timeout)
        try:
            connection.request(
                "GET", f"/api/jobs/{id}/events", headers={"Authorization": f"Bearer {self.access_token}"})
            response = connection.getresponse()
            assert response.status == 200, response.read()
            assert response.headers["Content-Type"].startswith("text/event-stream"), response.headers
            # nginx takes this word for itself.
            assert response.headers["X-Accel-Buffering"] == (None if behind_nginx else "no"), response.headers
            yield from events(response)
        finally:
            connection.close()

    def wait_until_settled(self, bookmark: dict, timeout: float = 30) -> dict:
        """Waits until the first try to read a page has ended, well or not."""
        return wait_until(
            f"{bookmark['url']} is settled",
            lambda: (now := self.bookmark(bookmark["id"]))["status"] != "pending" and now, timeout)

    def wait_until_ready(self, bookmark: dict, timeout: float = 30) -> dict:
        settled = self.wait_until_settled(bookmark, timeout)
        assert settled["status"] == "ready", f"not ready: {settled}"
        return settled

    @staticmethod
    def _value(answer: Answer):
        assert answer.status == 200, f"200 expected: {answer}"
        return answer.json


def events(stream) -> Iterator[tuple[str, dict]]:
    """Reads server-sent events; comments are passed over."""
    name, data = "message", []
    for line in (line.decode().rstrip("\r\n") for line in stream):
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield name, json.loads("\n".join(data))
            name, data = "message", []
