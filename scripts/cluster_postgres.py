"""The PostgreSQL servers of a cluster, from the wheel that scripts/setup.sh unpacks."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from cluster_part import Part

ROOT = Path(__file__).resolve().parents[1]


class Postgres(Part):
    """A server from the wheel, run as a user who is not root: PostgreSQL refuses to be."""

    def __init__(self, name: str, folder: Path, port: int):
        self.home = folder / name
        self.port = port
        self.programs = _postgres_programs(folder)
        command = [
            *unprivileged(), self.programs / "postgres", "-D", self.home / "data", "-p", port, "-k", self.home,
            "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "shared_buffers=64MB",
        ]
        # SIGINT: a fast shutdown, which does not wait for clients.
        super().__init__(name, folder, command, self._answers, stop=signal.SIGINT)

    def url(self, user: str = "fuze", database: str = "fuze") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def query(self, sql: str, database: str = "fuze") -> list[list[str]]:
        """Runs statements as the superuser, and gives the rows as texts."""
        result = self._psql(database, "--command", sql)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        return [line.split("\t") for line in result.stdout.splitlines()]

    def _psql(self, database: str, *arguments: str):
        return subprocess.run(
            [self.programs / "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator", "\t",
             "--set", "ON_ERROR_STOP=1", *arguments, self.url("postgres", database)],
            capture_output=True, text=True, timeout=60)

    def _answers(self) -> bool:
        return self._psql("postgres", "--command", "SELECT 1").returncode == 0

    def make_home(self) -> bool:
        """Whether there is no data yet."""
        self.home.mkdir(exist_ok=True)
        self.home.chmod(0o700)
        if os.getuid() == 0:
            shutil.chown(self.home, "nobody", "nogroup")
        return not (self.home / "data" / "PG_VERSION").exists()

    def initialize(self):
        if self.make_home():
            _run(*unprivileged(), self.programs / "initdb", "--pgdata", self.home / "data", "--username", "postgres",
                 "--auth", "trust", "--encoding", "UTF8", "--locale", "C")

    def follow(self, primary: "Postgres"):
        """Becomes a copy of the primary that it keeps sending its changes to."""
        if self.make_home():
            _run(*unprivileged(), self.programs / "pg_basebackup", "--pgdata", self.home / "data", "--write-recovery-conf",
                 "--wal-method", "stream", "--checkpoint", "fast", "--dbname",
                 f"host=127.0.0.1 port={primary.port} user=postgres application_name=replica")

    def provide_database(self):
        """A database for Fuze, whose user is no superuser, so that row-level security holds for it."""
        if not self.query("SELECT 1 FROM pg_roles WHERE rolname = 'fuze'", "postgres"):
            self.query("CREATE ROLE fuze LOGIN", "postgres")
        if not self.query("SELECT 1 FROM pg_database WHERE datname = 'fuze'", "postgres"):
            self.query("CREATE DATABASE fuze OWNER fuze", "postgres")
        self.query("CREATE EXTENSION IF NOT EXISTS vector")


def _postgres_programs(folder: Path) -> Path:
    packages = Path(os.environ.get("FUZE_PACKAGES", ROOT / ".deps" / "packages"))
    programs = packages / "pgserver" / "pginstall" / "bin"
    if not os.access(programs / "postgres", os.X_OK):
        raise SystemExit("cluster: PostgreSQL is missing; run scripts/setup.sh")
    if subprocess.run([*unprivileged(), "test", "-x", programs / "postgres"]).returncode == 0:
        return programs
    # A checkout inside a closed home cannot be read by another user.
    copy = folder / "postgresql"
    if not copy.exists():
        for name in ("pgserver", "pgserver.libs"):
            shutil.copytree(packages / name, copy / name, symlinks=True)
    return copy / "pgserver" / "pginstall" / "bin"


def unprivileged() -> list[str]:
    """What a command begins with that refuses to run as root."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]


def _run(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"{command}:\n{result.stdout}{result.stderr}")
