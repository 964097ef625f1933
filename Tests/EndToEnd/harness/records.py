"""Where the programs under test keep their records: SQLite in their folder, or a database each in a PostgreSQL.

FUZE_TEST_DATABASE_URL names a PostgreSQL whose user may make databases; without it the records are in SQLite.
"""

import json
import os
import sqlite3
import subprocess
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from . import program
from .sqlite import integrity
from .waiting import wait_until

POSTGRESQL = os.environ.get("FUZE_TEST_DATABASE_URL")
ENGINE = "PostgreSQL" if POSTGRESQL else "SQLite"


class SQLiteRecords:
    """The file in the data folder."""

    settings: dict[str, str] = {}

    def __init__(self, data: Path):
        self.file = data / "fuze.sqlite"

    def tables(self) -> set[str]:
        with sqlite3.connect(self.file) as database:
            return {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def integrity(self) -> str:
        return integrity(self.file)

    def close(self):
        """Goes with its folder."""


class PostgresRecords:
    """A database of its own in the PostgreSQL of these tests."""

    def __init__(self, server: str, data: Path):
        self.name = f"fuze_{uuid.uuid4().hex[:16]}"
        self._server = server
        self._data = data
        psql(server, f"CREATE DATABASE {self.name}")
        parts = urlsplit(server)
        self.url = urlunsplit(parts._replace(path=f"/{self.name}"))
        self.settings = {"database_url": self.url}

    def tables(self) -> set[str]:
        return {row[0] for row in self.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}

    def query(self, sql: str) -> list[list[str]]:
        return psql(self.url, sql)

    def integrity(self) -> str:
        result = program.run("doctor", "--json", folder=self._data.parent, **self.settings)
        findings = json.loads(result.stdout)["findings"]
        wrong = [finding for finding in findings if finding["state"] != "ok" and finding["area"] in ("schema", "integrity", "search")]
        return f"{wrong}" if wrong else "ok"

    def close(self):
        # Not by force: that may not end the server's own upkeep, which otherwise steps aside by itself.
        wait_until("nobody uses the database any more", self._drop)

    def _drop(self) -> bool:
        try:
            psql(self._server, f"DROP DATABASE IF EXISTS {self.name}")
            return True
        except AssertionError:
            return False


def new_records(data: Path):
    """A fresh place for records, in the engine that these tests run on."""
    return PostgresRecords(POSTGRESQL, data) if POSTGRESQL else SQLiteRecords(data)


def psql(url: str, sql: str) -> list[list[str]]:
    """Runs a statement as its own transaction, and gives the rows as texts."""
    result = subprocess.run(
        [_psql(), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator", "\t", "--set",
         "ON_ERROR_STOP=1", "--command", sql, url], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return [line.split("\t") for line in result.stdout.splitlines()]


def _psql() -> str:
    packages = Path(os.environ.get("FUZE_PACKAGES", program.ROOT / ".deps" / "packages"))
    return str(packages / "pgserver" / "pginstall" / "bin" / "psql")
