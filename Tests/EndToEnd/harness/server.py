"""A running `fuze serve`, started and stopped by its process id."""

import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from .api import Api
from .people import Person
from .program import FUZE, environment
from .records import new_records
from .waiting import wait_until


class FuzeServer:
    """One server over a folder; stopped, it can be started again over the same data."""

    def __init__(
        self, folder: Path | None = None, name: str = "server", beside: "FuzeServer | None" = None, records=None,
        **settings: str | None,
    ):
        """Settings are named as in the environment, without FUZE_; one that is None stays unset.

        A server beside another shares its folder and records; records that are given stay when it is closed.
        """
        folder = beside.folder if beside else folder
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="fuze-end-to-end-")
        self.folder = folder or Path(self._temporary.name)
        self.data = self.folder / "data"
        given = beside.records if beside else records
        self._owns_records = given is None
        self.records = given or new_records(self.data)
        settings = {"fetch_allow_private": "true"} | self.records.settings | settings
        self.settings = {name: value for name, value in settings.items() if value is not None}
        self.process: subprocess.Popen | None = None
        self._log = self.folder / f"{name}.log"
        self._log_start = 0

    def integrity(self) -> str:
        """What a check of the records from outside says: "ok" where all is well."""
        return self.records.integrity()

    @property
    def log(self) -> str:
        """What the program has written, over all its starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def start(self) -> "FuzeServer":
        self._log_start = len(self.log)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [FUZE, "serve", "--port", "0", "--data-dir", str(self.data)], cwd=self.folder, stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, env=environment(**self.settings))
        self.started_at = time.monotonic()
        self.port = int(wait_until("the server says where it serves", self._announced_port, timeout=60))
        self.api = Api(self.port)
        wait_until("the server is ready", lambda: self.api.get("/ready").status == 200, timeout=30)
        self.seconds_to_ready = time.monotonic() - self.started_at
        return self

    def _announced_port(self) -> str | None:
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}: {self.log[self._log_start:]}")
        found = re.search(r"Fuze serves on http://127\.0\.0\.1:(\d+)", self.log[self._log_start:])
        return found and found[1]

    def terminate(self, timeout: float = 60) -> int:
        """Asks the server to stop, and gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def kill(self):
        """Ends the process without a warning, as a power cut would."""
        self.process.kill()
        self.process.wait(30)

    def close(self):
        """Ends the process and removes what it kept."""
        if self.process and self.process.poll() is None:
            self.kill()
        if self._owns_records:
            self.records.close()
        if self._temporary:
            self._temporary.cleanup()

    def newcomer(self, name: str) -> Person:
        """A person who has just registered; the same name may be used by every test."""
        return Person.register(self.api, name)
