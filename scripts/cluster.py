#!/usr/bin/env python3
"""Fuze scaled out, on this machine's loopback: nginx before two instances, a worker, PostgreSQL with a replica, Redis.

    scripts/cluster.py start     starts everything and stops it with Ctrl-C
    scripts/cluster.py stop      stops what an earlier start left

The data stays in .cluster (FUZE_CLUSTER_DIR). nginx listens on FUZE_CLUSTER_PORT, 8090 unless it says otherwise, and the
other parts on the five ports after it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60


class Part:
    """One program of the cluster; what it writes goes to a log of its name."""

    def __init__(self, name: str, folder: Path, command: list, ready, environment: dict | None = None, stop=signal.SIGTERM):
        self.name = name
        self.command = [str(word) for word in command]
        self.log = folder / f"{name}.log"
        self._pid_file = folder / f"{name}.pid"
        self._environment = os.environ | (environment or {})
        self._ready = ready
        self._stop = stop
        self.process: subprocess.Popen | None = None

    def start(self):
        self.launch()
        self.wait_until_ready()

    def launch(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self._environment,
                # Ctrl-C is this program's, which stops the parts in their order.
                start_new_session=True)
        self._pid_file.write_text(json.dumps([self.process.pid, _started(self.process.pid), self._stop]))

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


class Postgres(Part):
    """A server from the wheel, run as a user who is not root: PostgreSQL refuses to be."""

    def __init__(self, name: str, folder: Path, port: int):
        self.home = folder / name
        self.port = port
        self.programs = _postgres_programs(folder)
        command = [
            *_unprivileged(), self.programs / "postgres", "-D", self.home / "data", "-p", port, "-k", self.home,
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
            _run(*_unprivileged(), self.programs / "initdb", "--pgdata", self.home / "data", "--username", "postgres",
                 "--auth", "trust", "--encoding", "UTF8", "--locale", "C")

    def follow(self, primary: "Postgres"):
        """Becomes a copy of the primary that it keeps sending its changes to."""
        if self.make_home():
            _run(*_unprivileged(), self.programs / "pg_basebackup", "--pgdata", self.home / "data", "--write-recovery-conf",
                 "--wal-method", "stream", "--checkpoint", "fast", "--dbname",
                 f"host=127.0.0.1 port={primary.port} user=postgres application_name=replica")

    def provide_database(self):
        """A database for Fuze, whose user is no superuser, so that row-level security holds for it."""
        if not self.query("SELECT 1 FROM pg_roles WHERE rolname = 'fuze'", "postgres"):
            self.query("CREATE ROLE fuze LOGIN", "postgres")
        if not self.query("SELECT 1 FROM pg_database WHERE datname = 'fuze'", "postgres"):
            self.query("CREATE DATABASE fuze OWNER fuze", "postgres")
        self.query("CREATE EXTENSION IF NOT EXISTS vector")


class Cluster:
    """All parts, and the order in which they need one another."""

    def __init__(self, folder: Path, port: int, fuze: Path, settings: dict[str, str] | None = None):
        self.folder = folder
        self.port = port
        folder.mkdir(parents=True, exist_ok=True)
        self.primary = Postgres("primary", folder, port + 4)
        self.replica = Postgres("replica", folder, port + 5)
        redis_port = port + 3
        self.redis = Part(
            "redis", folder,
            ["redis-server", "--port", redis_port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"],
            lambda: _is_open(redis_port))
        self.environment = {
            "FUZE_DATABASE_URL": self.primary.url(), "FUZE_DATABASE_REPLICAS": self.replica.url(),
            "FUZE_REDIS_URL": f"redis://127.0.0.1:{redis_port}", "FUZE_DATA_DIR": str(folder / "data"), "FUZE_WORKERS": "0",
        } | {f"FUZE_{name.upper()}": value for name, value in (settings or {}).items()}
        self.instances = [
            Part(
                f"serve-{number}", folder, [fuze, "serve", "--port", port + number], _is_ready(port + number),
                self.environment)
            for number in (1, 2)
        ]
        self.worker = Part("worker", folder, [fuze, "worker"], lambda: True, self.environment | {"FUZE_WORKERS": "8"})
        self.nginx = Part(
            "nginx", folder, ["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "nginx.error.log"],
            _is_ready(port), stop=signal.SIGQUIT)

    @property
    def parts(self) -> list[Part]:
        return [self.primary, self.replica, self.redis, *self.instances, self.worker, self.nginx]

    def start(self):
        missing = [program for program in ("nginx", "redis-server") if not shutil.which(program)]
        if missing:
            raise SystemExit(f"cluster: {', '.join(missing)} is missing; run scripts/setup.sh --cluster")
        for number in range(6):
            if _is_open(self.port + number):
                raise SystemExit(f"cluster: port {self.port + number} is taken; FUZE_CLUSTER_PORT names the first of six")
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self):
        self.primary.initialize()
        self.primary.start()
        self.primary.provide_database()
        self.replica.follow(self.primary)
        self.replica.start()
        self.redis.start()
        # Both at once, as two machines that start after a power cut.
        for instance in self.instances:
            instance.launch()
        for instance in self.instances:
            instance.wait_until_ready()
        self.worker.start()
        (self.folder / "nginx.conf").write_text(self._nginx_configuration())
        self.nginx.start()

    def stop(self):
        for part in reversed(self.parts):
            part.stop()

    def _nginx_configuration(self) -> str:
        servers = "\n".join(f"    server 127.0.0.1:{self.port + number} max_fails=1 fail_timeout=1s;" for number in (1, 2))
        return NGINX.format(
            user="user root;" if os.getuid() == 0 else "", folder=self.folder, port=self.port, servers=servers)


NGINX = """\
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.own.pid;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx.bodies;
  proxy_temp_path {folder}/nginx.proxy;
  fastcgi_temp_path {folder}/nginx.fastcgi;
  uwsgi_temp_path {folder}/nginx.uwsgi;
  scgi_temp_path {folder}/nginx.scgi;
  client_max_body_size 0;
  map $http_upgrade $connection_header {{ default upgrade; '' ''; }}
  upstream fuze {{
{servers}
    keepalive 64;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://fuze;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Connection $connection_header;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_request_buffering off;
      # What an instance cannot be asked at all, the other is; what one may have done is not done twice.
      proxy_next_upstream error timeout http_503;
      proxy_connect_timeout 1s;
      proxy_read_timeout 300s;
    }}
  }}
}}
"""


def _postgres_programs(folder: Path) -> Path:
    packages = Path(os.environ.get("FUZE_PACKAGES", ROOT / ".deps" / "packages"))
    programs = packages / "pgserver" / "pginstall" / "bin"
    if not os.access(programs / "postgres", os.X_OK):
        raise SystemExit("cluster: PostgreSQL is missing; run scripts/setup.sh")
    if subprocess.run([*_unprivileged(), "test", "-x", programs / "postgres"]).returncode == 0:
        return programs
    # A checkout inside a closed home cannot be read by another user.
    copy = folder / "postgresql"
    if not copy.exists():
        for name in ("pgserver", "pgserver.libs"):
            shutil.copytree(packages / name, copy / name, symlinks=True)
    return copy / "pgserver" / "pginstall" / "bin"


def _unprivileged() -> list[str]:
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]


def _run(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"{command}:\n{result.stdout}{result.stderr}")


def _is_open(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def _is_ready(port: int):
    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    return ready


def _started(pid: int) -> str:
    """When a process began, in ticks since the machine did: with its id it names one process for ever."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        return ""


def stop_leftovers(folder: Path):
    """Ends the processes that an earlier start wrote down, and no others."""
    order = ["nginx", "worker", "serve-2", "serve-1", "redis", "replica", "primary"]
    for name in order:
        file = folder / f"{name}.pid"
        if not file.exists():
            continue
        pid, started, stop = json.loads(file.read_text())
        # First, so that whoever watches the process knows that its end is wanted.
        file.unlink()
        if started and _started(pid) == started:
            print(f"stopping {name} ({pid})")
            os.kill(pid, stop)
            deadline = time.monotonic() + 20
            while _started(pid) == started and time.monotonic() < deadline:
                time.sleep(0.05)
            if _started(pid) == started:
                os.kill(pid, signal.SIGKILL)


def main(arguments: list[str]) -> int:
    folder = Path(os.environ.get("FUZE_CLUSTER_DIR", ROOT / ".cluster")).resolve()
    if arguments == ["stop"]:
        stop_leftovers(folder)
        return 0
    if arguments != ["start"]:
        print("usage: scripts/cluster.py start|stop", file=sys.stderr)
        return 2
    port = int(os.environ.get("FUZE_CLUSTER_PORT", "8090"))
    fuze = Path(os.environ.get("FUZE_BINARY", ROOT / ".build" / "release" / "fuze"))
    stop_leftovers(folder)
    cluster = Cluster(folder, port, fuze)
    cluster.start()
    print(f"Fuze:        http://127.0.0.1:{port}")
    print(f"instances:   http://127.0.0.1:{port + 1} and http://127.0.0.1:{port + 2}, and one worker")
    print(f"PostgreSQL:  {cluster.primary.url()}, replica {cluster.replica.url()}")
    print(f"Redis:       {cluster.environment['FUZE_REDIS_URL']}")
    print(f"logs, data:  {folder}")
    print("Ctrl-C, or `make cluster-stop` elsewhere, stops all of it.", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while all(part.is_running for part in cluster.parts):
            time.sleep(0.5)
        ended = [part for part in cluster.parts if not part.is_running and part.is_wanted]
        for part in ended:
            print(f"{part.name} has ended:\n{part.tail()}", file=sys.stderr)
        return 1 if ended else 0
    except KeyboardInterrupt:
        print()
        return 0
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
