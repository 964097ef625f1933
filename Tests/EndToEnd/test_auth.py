import stat
import time

from harness import tokens
from harness.api import Api
from harness.case import EndToEndTest, OwnServerTest
from harness.people import PASSWORD


class Accounts(EndToEndTest):
    """Registering and signing in"""

    def login(self, **fields):
        return self.api.post("/api/auth/login", fields)

    def test_me(self):
        """Whoever registers is signed in and known, and their password is told to nobody."""
        ada = self.newcomer("ada")
        me = self.assert_status(ada.api.get("/api/auth/me"), 200).json
        self.assertEqual((me["id"], me["username"], me["email"]), (ada.id, ada.username, ada.email))
        self.assertEqual(set(me), {"id", "username", "email", "role", "created_at"})

    def test_login(self):
        """One signs in by name or address, whatever the case."""
        ada = self.newcomer("ada")
        for fields in (
            {"username": ada.username}, {"email": ada.email}, {"username": ada.email},
            {"username": ada.username.upper()}, {"email": ada.email.upper()},
        ):
            with self.subTest(fields):
                answer = self.assert_status(self.login(**fields, password=PASSWORD), 200).json
                self.assertEqual(answer["user"]["id"], ada.id)
                self.assertEqual((answer["token_type"], answer["expires_in"]), ("Bearer", 900))

    def test_claims(self):
        """The tokens carry the claims of the contract."""
        ada = self.newcomer("ada")
        access, refresh = tokens.claims(ada.access_token), tokens.claims(ada.refresh_token)
        for claims, kind, seconds in [(access, "access", 15 * 60), (refresh, "refresh", 7 * 24 * 3600)]:
            self.assertLessEqual({"sub", "type", "fresh", "iat", "exp", "jti"}, set(claims))
            self.assertEqual((claims["sub"], claims["type"], claims["fresh"]), (str(ada.id), kind, True))
            self.assertAlmostEqual(claims["exp"] - claims["iat"], seconds, delta=1)
        self.assertNotEqual(access["jti"], refresh["jti"])

    def test_wrong_password(self):
        """A wrong password and an unknown name get the same answer, and take about as long."""
        ada = self.newcomer("ada")
        started = time.monotonic()
        wrong = self.assert_problem(self.login(username=ada.username, password="not-the-password"), 401)
        wrong_took, started = time.monotonic() - started, time.monotonic()
        unknown = self.assert_problem(self.login(username="nobody-at-all", password="not-the-password"), 401)
        unknown_took = time.monotonic() - started
        self.assertEqual(wrong | {"request_id": ""}, unknown | {"request_id": ""})
        self.assertGreater(unknown_took, wrong_took / 4)

    def test_taken(self):
        """A name or address that is taken, in any case, is a 409 that says which."""
        ada = self.newcomer("ada")
        for name, email, field in [
            (ada.username, "new@example.org", "username"), (ada.username.upper(), "new@example.org", "username"),
            (f"{ada.username}x", ada.email.upper(), "email"),
        ]:
            answer = self.api.post("/api/auth/register", {"username": name, "email": email, "password": PASSWORD})
            self.assertIn(field, self.assert_problem(answer, 409)["details"])

    def test_invalid_fields(self):
        """What is no name, address or password is a 400 that names the field."""
        good = {"username": "grace", "email": "grace@example.org", "password": PASSWORD}
        for field, values in {
            "username": ["", "ab", "x" * 81, "-grace", "gra ce", "<b>", "gr\x00ace", None, 7, ["grace"]],
            "email": ["", "grace", "@example.org", "grace@", "a@b@c", "gr ace@example.org", "x" * 250 + "@example.org", None, {}],
            "password": ["", "short", "x" * 1025, None, 12345678],
        }.items():
            for value in values:
                with self.subTest(field=field, value=value):
                    problem = self.assert_problem(self.api.post("/api/auth/register", good | {field: value}), 400)
                    self.assertIn(field, problem["details"])
            with self.subTest(missing=field):
                body = {name: value for name, value in good.items() if name != field}
                self.assertIn(field, self.assert_problem(self.api.post("/api/auth/register", body), 400)["details"])

    def test_odd_passwords(self):
        """Spaces, other scripts and NUL in a password all count."""
        for number, password in enumerate(["  spaces  all  ", "пароль-для-ады", "🔑🔑🔑🔑🔑🔑🔑🔑", "seven\x00tail-1"]):
            with self.subTest(password):
                name = f"odd-{number}"
                answer = self.api.post(
                    "/api/auth/register", {"username": name, "email": f"{name}@example.org", "password": password})
                if answer.status == 400:
                    self.assertIn("password", self.assert_problem(answer, 400)["details"])
                    continue
                self.assert_status(answer, 201)
                self.assert_status(self.login(username=name, password=password), 200)
                self.assert_problem(self.login(username=name, password=password[:-1] + "?"), 401)
        self.assert_problem(self.login(username="odd-3", password="seven\x00tail-2"), 401)

    def test_login_mistakes(self):
        """Signing in without a name or with wrong types is a 400."""
        for body in ({}, {"password": PASSWORD}, {"username": "ada"}, {"username": 1, "password": PASSWORD}, [], "x", None):
            self.assert_problem(self.api.post("/api/auth/login", body), 400)


class Sessions(EndToEndTest):
    """Tokens are renewed, and end"""

    def refresh(self, token: str):
        return self.api.post("/api/auth/refresh", {"refresh_token": token})

    def works(self, token: str) -> bool:
        answer = Api(self.api.port, token).get("/api/auth/me")
        if answer.status != 200:
            self.assert_problem(answer, 401)
        return answer.status == 200

    def test_rotation(self):
        """A refresh token gives new tokens, which are no longer fresh."""
        ada = self.newcomer("ada")
        answer = self.assert_status(self.refresh(ada.refresh_token), 200).json
        self.assertTrue(self.works(answer["access_token"]))
        self.assertFalse(tokens.claims(answer["access_token"])["fresh"])
        self.assertNotEqual(answer["refresh_token"], ada.refresh_token)
        self.assert_status(self.refresh(answer["refresh_token"]), 200)

    def test_as_bearer(self):
        """The refresh token may also come as the bearer token."""
        ada = self.newcomer("ada")
        self.assert_status(Api(self.api.port, ada.refresh_token).request("POST", "/api/auth/refresh"), 200)

    def test_reuse(self):
        """A refresh token used twice ends its session for whoever holds a token of it."""
        ada = self.newcomer("ada")
        new = self.refresh(ada.refresh_token).json
        self.assert_problem(self.refresh(ada.refresh_token), 401)
        self.assert_problem(self.refresh(new["refresh_token"]), 401)
        self.assertFalse(self.works(new["access_token"]))
        self.assertFalse(self.works(ada.access_token))
        again = self.api.post("/api/auth/login", {"username": ada.username, "password": PASSWORD})
        self.assertTrue(self.works(self.assert_status(again, 200).json["access_token"]))

    def test_logout(self):
        """Signing out ends the session at once, and no other."""
        ada = self.newcomer("ada")
        other = self.api.post("/api/auth/login", {"username": ada.username, "password": PASSWORD}).json
        self.assertTrue(self.works(ada.access_token))
        self.assert_status(ada.api.request("POST", "/api/auth/logout"), 204)
        self.assertFalse(self.works(ada.access_token))
        self.assert_problem(self.refresh(ada.refresh_token), 401)
        self.assert_problem(ada.api.request("POST", "/api/auth/logout"), 401)
        self.assertTrue(self.works(other["access_token"]))

    def test_mixed_up(self):
        """An access token renews nothing, and a refresh token opens nothing."""
        ada = self.newcomer("ada")
        self.assert_problem(self.refresh(ada.access_token), 401)
        self.assertFalse(self.works(ada.refresh_token))
        self.assertTrue(self.works(ada.access_token))

    def test_garbage(self):
        """Tokens that are none are refused as such."""
        ada = self.newcomer("ada")
        head, body, signature = ada.access_token.split(".")
        for token in (
            "x", "a.b.c", "..", head, f"{head}.{body}", f"{head}.{body}.", f"{head}.{body}.{signature[:-4]}AAAA",
            f"{body}.{head}.{signature}", "é", "A" * 5000, "null", f"{head}.{body}.{signature}.{signature}",
        ):
            with self.subTest(token[:40]):
                self.assertFalse(self.works(token.encode().decode("latin-1")))
                self.assert_problem(self.refresh(token), 401)

    def test_headers(self):
        """Only a bearer token counts."""
        ada = self.newcomer("ada")
        for header in (ada.access_token, f"Basic {ada.access_token}", "Bearer", "Bearer ", f"Token {ada.access_token}"):
            self.assert_problem(self.api.request("GET", "/api/auth/me", headers={"Authorization": header}), 401)
        lower = self.api.request("GET", "/api/auth/me", headers={"authorization": f"bearer {ada.access_token}"})
        self.assert_status(lower, 200)
        self.assert_problem(self.api.get("/api/auth/me", access_token=ada.access_token, token=ada.access_token), 401)

    def test_refresh_mistakes(self):
        """Renewing without a token or with a wrong type is a 400."""
        for body in ({}, {"refresh_token": 5}, {"refresh_token": None}, []):
            self.assert_problem(self.api.post("/api/auth/refresh", body), 400)


class Forgeries(EndToEndTest):
    """Forged tokens open nothing, even with the right key"""

    def setUp(self):
        self.ada = self.newcomer("ada")
        self.key = (self.server.data / "secret.key").read_bytes()
        self.claims = tokens.claims(self.ada.access_token)

    def opens(self, token: str) -> bool:
        answer = Api(self.api.port, token).get("/api/auth/me")
        if answer.status != 200:
            self.assert_problem(answer, 401)
        return answer.status == 200

    def test_own_signature(self):
        """A token signed as the server signs is good: what follows is refused for what it says."""
        self.assertTrue(self.opens(tokens.forge(self.claims, self.key)))

    def test_no_signature(self):
        """`alg: none`, in any spelling, is refused."""
        for algorithm in ("none", "None", "NONE", "nOnE"):
            forged = tokens.forge(self.claims, b"", algorithm)
            self.assertFalse(self.opens(forged))
            self.assertFalse(self.opens(forged + self.ada.access_token.split(".")[2]))

    def test_other_algorithms(self):
        """Only HS256 counts."""
        for algorithm in ("HS384", "HS512"):
            self.assertFalse(self.opens(tokens.forge(self.claims, self.key, algorithm)))

    def test_other_keys(self):
        """Another key, an empty one and one that the token itself brings are refused."""
        for key in (b"", b"secret", bytes(32), self.key[:-1]):
            self.assertFalse(self.opens(tokens.forge(self.claims, key)))
        own = {"jwk": {"kty": "oct", "k": tokens.encode(b"mine" * 8)}, "kid": "../../dev/null"}
        self.assertFalse(self.opens(tokens.forge(self.claims, b"mine" * 8, header=own)))

    def test_expired(self):
        """A token whose time is over is refused."""
        now = int(time.time())
        self.assertFalse(self.opens(tokens.forge(self.claims | {"iat": now - 1000, "exp": now - 100}, self.key)))
        self.assertFalse(self.opens(tokens.forge(self.claims | {"exp": 0}, self.key)))

    def test_odd_claims(self):
        """Claims that are missing or of another kind are refused."""
        for name in ("sub", "exp", "type"):
            self.assertFalse(self.opens(tokens.forge({k: v for k, v in self.claims.items() if k != name}, self.key)), name)
        for change in (
            {"sub": "0"}, {"sub": "-1"}, {"sub": "x"}, {"sub": str(2**64)}, {"exp": "soon"}, {"type": "refresh"},
            {"type": "admin"}, {"sub": {"$gt": ""}},
        ):
            with self.subTest(change):
                self.assertFalse(self.opens(tokens.forge(self.claims | change, self.key)))

    def test_unknown_user(self):
        """A well signed token of somebody who does not exist opens nothing."""
        self.assertFalse(self.opens(tokens.forge(self.claims | {"sub": "987654321"}, self.key)))


class Installations(OwnServerTest):
    """What an installation remembers of its people"""

    def test_restart(self):
        """After a restart tokens still work, and sessions that ended stay ended."""
        server = self.serve()
        ada, grace = server.newcomer("ada"), server.newcomer("grace")
        self.assert_status(grace.api.request("POST", "/api/auth/logout"), 204)
        self.assertEqual(server.terminate(), 0)
        server.start()
        ada.returns_to(server.api)
        grace.returns_to(server.api)
        self.assert_status(ada.api.get("/api/auth/me"), 200)
        self.assert_problem(grace.api.get("/api/auth/me"), 401)

    def test_key_file(self):
        """The secret key is made at the first start, for the owner's eyes only, and never shown."""
        server = self.serve(log_level="trace")
        key = server.data / "secret.key"
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertGreaterEqual(len(key.read_bytes()), 32)
        ada = server.newcomer("ada")
        ada.save("https://example.org/", text="Words.")
        for secret in (key.read_bytes().hex(), PASSWORD, ada.access_token, ada.refresh_token):
            self.assertNotIn(secret, server.log)

    def test_first_is_admin(self):
        """The first account is the admin, later ones are not."""
        server = self.serve()
        self.assertEqual(server.newcomer("ada").api.get("/api/auth/me").json["role"], "admin")
        self.assertEqual(server.newcomer("grace").api.get("/api/auth/me").json["role"], "regular")

    def test_closed(self):
        """In production registration closes once there is an account."""
        server = self.serve(environment="production")
        server.newcomer("ada")
        answer = server.api.post(
            "/api/auth/register", {"username": "grace", "email": "g@example.org", "password": PASSWORD})
        self.assert_problem(answer, 403)
