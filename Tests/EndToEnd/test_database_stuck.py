import threading
import time

from harness.case import OwnServerTest
from harness.records import POSTGRESQL
from harness.waiting import wait_until

# SQLite has one writer, who waits for nobody but itself.
if POSTGRESQL:

    class StuckDatabase(OwnServerTest):
        """A database that is stuck ends in an answer, not in a request that hangs"""

        def test_lock(self):
            """Who would have to wait for a lock too long is told to come back; reading, and others, go on."""
            server = self.serve()
            ada, grace = server.newcomer("ada"), server.newcomer("grace")
            ada.save("https://example.org/before", text="Before.")
            wait_until("nothing is pending", lambda: ada.total(status="pending") == 0)
            # Each write of an owner takes this turn first.
            held = f"SELECT pg_advisory_xact_lock({ada.id}), pg_sleep(16)"
            holder = threading.Thread(target=server.records.query, args=(held,))
            holder.start()
            self.addCleanup(holder.join)
            wait_until("the lock is held", lambda: server.records.query(
                "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                f"AND objid = {ada.id} AND objsubid = 1") == [["1"]])
            started = time.monotonic()
            answer = ada.api.post("/api/bookmarks", {"url": "https://example.org/stuck", "text": "Stuck."})
            self.note(f"told after {time.monotonic() - started:.1f} s")
            self.assertLess(time.monotonic() - started, 14)
            self.assert_problem(answer, 503)
            self.assertIn("Retry-After", answer.headers)
            self.assertTrue(holder.is_alive())
            self.assertEqual(ada.total(), 1)
            grace.save("https://example.org/grace", text="Not held up.")
            holder.join()
            ada.save("https://example.org/stuck", text="No longer stuck.")
            self.assertEqual(ada.total(), 2)
