"""One program of a cluster: started, watched and stopped, also by a process that did not start it."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

PATIENCE = 60


class Part:
    """One program of the cluster; what it writes goes to a log of its name."""

    def __init__(self, name: str, folder: Path, command: list, ready, environment: dict | None = None, stop=signal.SIGTERM):
        self.name = name
        self.command = [str(word) for word in command]
        self.log = folder / f"{name}.log"
        self._pid_file = folder / f"{name}.pid"
        self.environment = os.environ | (environment or {})
        self._ready = ready
        self._stop = stop
        self.process: subprocess.Popen | None = None

    def start(self):
        self.launch()
        self.wait_until_ready()

    def launch(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.environment,
                # Ctrl-C is this program's, which stops the parts in their order.
                start_new_session=True)
        self._pid_file.write_text(json.dumps([self.process.pid, started(self.process.pid), self._stop]))

    def wait_until_ready(self):
        deadline = time.monotonic() + PATIENCE
        while not self._ready():
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended with {self.process.returncode}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.name} is not ready after {PATIENCE} s:\n{self.tail()}")
            time.sleep(0.05)

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_wanted(self) -> bool:
        """Whether nobody has asked it to stop."""
        return self._pid_file.exists()

    def stop(self):
        if self.is_running:
            self.process.send_signal(self._stop)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._reap()

    def kill(self):
        """Ends it at once, as a power cut does."""
        if self.is_running:
            self.process.kill()
        self._reap()

    def _reap(self):
        if self.process:
            self.process.wait()
        self._pid_file.unlink(missing_ok=True)


def started(pid: int) -> str:
    """When a process began, in ticks since the machine did: with its id it names one process for ever."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        return ""


def stop_leftovers(folder: Path, order: list[str]):
    """Ends the processes that an earlier start wrote down by these names, and no others."""
    for name in order:
        file = folder / f"{name}.pid"
        if not file.exists():
            continue
        pid, start, stop = json.loads(file.read_text())
        # First, so that whoever watches the process knows that its end is wanted.
        file.unlink()
        if start and started(pid) == start:
            print(f"stopping {name} ({pid})")
            os.kill(pid, stop)
            deadline = time.monotonic() + 20
            while started(pid) == start and time.monotonic() < deadline:
                time.sleep(0.05)
            if started(pid) == start:
                os.kill(pid, signal.SIGKILL)
