"""A disk that can be filled up."""

import os
import resource
import signal
import subprocess
import tempfile
from pathlib import Path


class SmallDisk:
    """A file system of a few megabytes in memory, where this process may mount one."""

    def __init__(self, megabytes: int):
        self._place = tempfile.TemporaryDirectory(prefix="fuze-small-disk-")
        self.path = Path(self._place.name)
        self._filler = self.path / "filler"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(self.path)], check=True, capture_output=True)

    def fill(self, process):
        with self._filler.open("ab", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        filler.write(bytes(size))
                except OSError:
                    pass

    def free(self, process):
        self._filler.unlink()

    def close(self):
        subprocess.run(["umount", "-l", str(self.path)], check=True)
        self._place.cleanup()


class LimitedFiles:
    """Files that may not grow any more: what a full disk looks like to one process, for those who may not mount."""

    def __init__(self):
        self._place = tempfile.TemporaryDirectory(prefix="fuze-limited-")
        self.path = Path(self._place.name)
        # Inherited by the server: a write beyond the limit is then an error and not the end of the process.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def fill(self, process):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    def free(self, process):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self):
        self._place.cleanup()


def small_disk(megabytes: int):
    """The real thing where possible."""
    if os.geteuid() == 0:
        try:
            return SmallDisk(megabytes)
        except (OSError, subprocess.CalledProcessError):
            pass
    return LimitedFiles()
