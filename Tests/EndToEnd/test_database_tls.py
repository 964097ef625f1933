import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import program
from harness.tls_postgres import Authority, TLSPostgres


class DatabaseTLSTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = TLSPostgres()
        cls.addClassCleanup(cls.postgres.close)

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def fuze(self, *arguments: str, libpq: dict[str, str] | None = None, **settings: str):
        """Runs a command as somebody who has no files for libpq, and the variables given."""
        environment = program.environment(data_dir=str(self.folder / "data"), **settings)
        environment = {name: value for name, value in environment.items() if not name.startswith("PG")}
        return subprocess.run(
            [program.FUZE, *arguments], capture_output=True, text=True, cwd=self.folder, timeout=60,
            env=environment | {"HOME": str(self.folder)} | (libpq or {}))

    def migrate(self, url: str, libpq: dict[str, str] | None = None):
        return self.fuze("migrate", libpq=libpq, database_url=url)

    def assert_refused(self, result, words: str):
        self.assertEqual(result.returncode, 1, result)
        self.assertIn(words, result.stderr)
        self.assertNotIn(TLSPostgres.PASSWORD, result.stderr)
        self.assertNotIn("Swift", result.stderr)


class Certificates(DatabaseTLSTest):
    """A PostgreSQL behind TLS is who it says it is"""

    def test_trusted(self):
        """Everything works over TLS, with and without a look at the certificate."""
        for parameters in (
            {"sslmode": "verify-full", "sslrootcert": self.postgres.authority.certificate},
            {"sslmode": "verify-ca", "sslrootcert": self.postgres.authority.certificate, "host": "127.0.0.1"},
            {"sslmode": "require"}, {},
        ):
            with self.subTest(parameters):
                result = self.migrate(self.postgres.url(**parameters))
                self.assertEqual(result.returncode, 0, result)
        self.assertNotEqual(self.postgres.query("SELECT COUNT(*) FROM schema_migrations", "fuze"), "0")

    def test_other_authority(self):
        """A certificate that somebody else has signed is refused."""
        stranger = Authority(self.folder, "stranger")
        for mode in ("verify-full", "verify-ca"):
            url = self.postgres.url(sslmode=mode, sslrootcert=stranger.certificate)
            self.assert_refused(self.migrate(url), "certificate verify failed")

    def test_no_authority(self):
        """Who wants to look at the certificate and has nothing to compare it with is told which file is missing."""
        self.assert_refused(self.migrate(self.postgres.url(sslmode="verify-full")), "root certificate file")

    def test_other_host(self):
        """A certificate for another host is refused."""
        url = self.postgres.url("db.example", sslmode="verify-full", sslrootcert=self.postgres.authority.certificate)
        self.assert_refused(self.migrate(url), 'does not match host name "db.example"')

    def test_no_tls(self):
        """Without TLS the server lets nobody in."""
        self.assert_refused(self.migrate(self.postgres.url(sslmode="disable")), "no encryption")


class Passwords(DatabaseTLSTest):
    """The password of the database stays out of sight"""

    def passfile(self) -> str:
        file = self.folder / "passwords"
        file.touch(0o600)
        file.write_text(f"localhost:{self.postgres.port}:fuze:fuze:{TLSPostgres.PASSWORD}\n")
        return str(file)

    def test_from_elsewhere(self):
        """It may come from PGPASSWORD or from a passfile, and a wrong one is refused in words."""
        url = self.postgres.url(password=None)
        for libpq in ({"PGPASSWORD": TLSPostgres.PASSWORD}, {"PGPASSFILE": self.passfile()}):
            self.assertEqual(self.migrate(url, libpq).returncode, 0)
        self.assert_refused(self.migrate(url), "no password supplied")
        self.assert_refused(self.migrate(url, {"PGPASSWORD": "wrong"}), "password authentication failed")
        self.assert_refused(self.migrate(self.postgres.url(password="wrong")), "password authentication failed")

    def test_copy(self):
        """`copy` takes it from there too, or a whole address from a setting, and warns of one in its arguments."""
        migrated = self.fuze("migrate")
        self.assertEqual(migrated.returncode, 0, migrated)
        open_url, url = self.postgres.url(password=None), self.postgres.url()
        warning = "FUZE_COPY_DATABASE_URL"
        ways = [
            (("--to", open_url), {"PGPASSWORD": TLSPostgres.PASSWORD}, {}),
            (("--to", open_url), {"PGPASSFILE": self.passfile()}, {}),
            ((), {}, {"copy_database_url": url}),
            (("--to", url), {}, {}),
        ]
        for arguments, libpq, settings in ways:
            with self.subTest(arguments=arguments, libpq=list(libpq), settings=list(settings)):
                self.postgres.query("DROP DATABASE fuze WITH (FORCE)")
                self.postgres.query("CREATE DATABASE fuze OWNER fuze")
                result = self.fuze("copy", *arguments, libpq=libpq, **settings)
                self.assertEqual(result.returncode, 0, result)
                self.assertEqual(warning in result.stderr, url in arguments, result)
                self.assertNotIn(TLSPostgres.PASSWORD, result.stderr)
