#!/usr/bin/env python3
"""Fuze scaled out, on this machine's loopback: nginx before two instances, a worker, PostgreSQL with a replica, Redis.

    scripts/cluster.py start     starts everything and stops it with Ctrl-C
    scripts/cluster.py stop      stops what an earlier start left

The data stays in .cluster (FUZE_CLUSTER_DIR). nginx listens on FUZE_CLUSTER_PORT, 8090 unless it says otherwise, and the
other parts on the five ports after it.
"""

import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cluster_part import Part, stop_leftovers
from cluster_postgres import Postgres

ROOT = Path(__file__).resolve().parents[1]
#: The names of the parts, in the order in which they are stopped.
ORDER = ["nginx", "worker", "serve-2", "serve-1", "redis", "replica", "primary"]


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


def main(arguments: list[str]) -> int:
    folder = Path(os.environ.get("FUZE_CLUSTER_DIR", ROOT / ".cluster")).resolve()
    if arguments == ["stop"]:
        stop_leftovers(folder, ORDER)
        return 0
    if arguments != ["start"]:
        print("usage: scripts/cluster.py start|stop", file=sys.stderr)
        return 2
    port = int(os.environ.get("FUZE_CLUSTER_PORT", "8090"))
    fuze = Path(os.environ.get("FUZE_BINARY", ROOT / ".build" / "release" / "fuze"))
    stop_leftovers(folder, ORDER)
    cluster = Cluster(folder, port, fuze)
    cluster.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Also where a script started this in the background, which leaves Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print(f"Fuze:        http://127.0.0.1:{port}")
    print(f"instances:   http://127.0.0.1:{port + 1} and http://127.0.0.1:{port + 2}, and one worker")
    print(f"PostgreSQL:  {cluster.primary.url()}, replica {cluster.replica.url()}")
    print(f"Redis:       {cluster.environment['FUZE_REDIS_URL']}")
    print(f"logs, data:  {folder}")
    print("Ctrl-C, or `make cluster-stop` elsewhere, stops all of it.", flush=True)
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
