"""A PostgreSQL that speaks TLS and wants a password: Debian's, for the wheel's is built without TLS."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote, urlencode

from . import program
from .waiting import wait_until

sys.path.insert(0, str(program.ROOT / "scripts"))

from cluster_postgres import unprivileged  # noqa: E402 (the path must be set first)


class Authority:
    """Whoever signs certificates, with a certificate of its own."""

    def __init__(self, folder: Path, name: str):
        self._key = folder / f"{name}.key"
        self.certificate = folder / f"{name}.crt"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.certificate)

    def sign(self, host: str, folder: Path) -> tuple[Path, Path]:
        """A certificate for a host, and its key."""
        key, request, certificate = (folder / f"{host}.{kind}" for kind in ("key", "csr", "crt"))
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={host}",
                 "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                 "-days", "2", "-copy_extensions", "copy", "-out", certificate)
        return certificate, key


class TLSPostgres:
    """A server on loopback that is `localhost` by its certificate, and lets `fuze` in by password over TLS alone."""

    PASSWORD = "opens/se@me"

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="fuze-tls-")
        self.folder = Path(self._temporary.name)
        self.authority = Authority(self.folder, "authority")
        certificate, key = self.authority.sign("localhost", self.folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._programs = _debian_programs()
        key.chmod(0o600)
        if os.getuid() == 0:
            for file in (self.folder, certificate, key):
                shutil.chown(file, "nobody", "nogroup")
        data = self.folder / "data"
        self._run("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C",
                  "--no-sync")
        (data / "pg_hba.conf").write_text("local all postgres trust\nhostssl all fuze 127.0.0.1/32 scram-sha-256\n")
        self._process = subprocess.Popen(
            [*unprivileged(), self._programs / "postgres", "-D", data, "-p", str(self.port), "-k", self.folder,
             "-c", "listen_addresses=127.0.0.1", "-c", "ssl=on", "-c", f"ssl_cert_file={certificate}",
             "-c", f"ssl_key_file={key}", "-c", "fsync=off", "-c", "shared_buffers=16MB"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("PostgreSQL answers", lambda: self._psql("SELECT 1").returncode == 0)
        for statement in (f"CREATE ROLE fuze LOGIN PASSWORD '{self.PASSWORD}'", "CREATE DATABASE fuze OWNER fuze"):
            self.query(statement)

    def url(self, host: str = "localhost", password: str | None = PASSWORD, **parameters) -> str:
        """Its address; parameters are libpq's, such as `sslmode`."""
        secret = f":{quote(password, safe='')}" if password else ""
        given = {"hostaddr": "127.0.0.1"} | {name: str(value) for name, value in parameters.items()}
        return f"postgres://fuze{secret}@{host}:{self.port}/fuze?{urlencode(given)}"

    def query(self, sql: str, database: str = "postgres") -> str:
        """Runs a statement as the superuser, over the server's own socket."""
        result = self._psql(sql, database)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def _psql(self, sql: str, database: str = "postgres"):
        return subprocess.run(
            [self._programs / "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--command", sql,
             "--host", self.folder, "--port", str(self.port), "--username", "postgres", database],
            capture_output=True, text=True, timeout=60)

    def _run(self, command: str, *arguments):
        subprocess.run([*unprivileged(), self._programs / command, *arguments], check=True, capture_output=True, cwd="/")

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)
        self._temporary.cleanup()


def _debian_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    assert found, "Debian's PostgreSQL is missing; run scripts/setup.sh --tests"
    return found[-1].parent


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
