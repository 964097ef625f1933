"""A whole cluster on this machine, for the tests that need one: started once, shared, and stopped at the end."""

import atexit
import contextlib
import functools
import os
import socket
import sys
import tempfile
import time
import unittest
from pathlib import Path

from . import program
from .api import Api
from .people import Person
from .site import LocalSite

sys.path.insert(0, str(program.ROOT / "scripts"))

from cluster import Cluster  # noqa: E402 (the path must be set first)


def free_ports(count: int) -> int:
    """The first of some neighbouring ports that nobody uses."""
    for first in range(21_000, 32_000, 100):
        with contextlib.ExitStack() as sockets:
            try:
                for port in range(first, first + count):
                    sockets.enter_context(socket.socket()).bind(("127.0.0.1", port))
                return first
            except OSError:
                continue
    raise AssertionError("there are no free ports")


def open_folder() -> tempfile.TemporaryDirectory:
    """A new folder that PostgreSQL's own user can get at."""
    folder = tempfile.TemporaryDirectory(prefix="fuze-cluster-")
    os.chmod(folder.name, 0o755)
    return folder


@functools.cache
def shared_cluster() -> Cluster:
    """The cluster of all tests of a run."""
    folder = open_folder()
    cluster = Cluster(
        Path(folder.name), free_ports(6), program.FUZE, {"fetch_allow_private": "true"})
    started = time.monotonic()
    atexit.register(folder.cleanup)
    atexit.register(cluster.stop)
    cluster.start()
    print(f"         the cluster was ready after {time.monotonic() - started:.1f} s")
    return cluster


class ClusterTest(unittest.TestCase):
    """A test at the shared cluster, with a web site of the class's own."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = shared_cluster()
        cls.site = LocalSite()
        cls.addClassCleanup(cls.site.close)

    @property
    def nginx(self) -> Api:
        return Api(self.cluster.port)

    def instance(self, number: int) -> Api:
        return Api(self.cluster.port + number)

    def newcomer(self, name: str) -> Person:
        return Person.register(self.nginx, name)

    @staticmethod
    def at(person: Person, api: Api) -> Person:
        """The same person at another address."""
        other = Person.__new__(Person)
        other.__dict__.update(person.__dict__)
        other.returns_to(api)
        return other

    def note(self, text: str):
        print(f"         {text}")
