"""The commands that look after a cluster; run by `cluster_test`."""

import json
import signal
import socket
import subprocess
import sys
import unittest
import urllib.request
from pathlib import Path

from harness import program
from harness.clusters import ClusterTest, free_ports, open_folder
from harness.waiting import wait_until


class Doctor(ClusterTest):
    """`doctor` looks at every server"""

    def states(self) -> dict[str, str]:
        result = subprocess.run(
            [program.FUZE, "doctor", "--json"], env=program.environment() | self.cluster.environment, capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 0, result)
        return {finding["area"]: finding["state"] for finding in json.loads(result.stdout)["findings"]}

    def test_all_well(self):
        """With everything up, nothing is to be done; a part that stands still or is gone is warned of."""
        wait_until("all is well", lambda: set(self.states().values()) == {"ok"}, timeout=20, pause=0.5)
        self.assertLessEqual({"replica", "row security", "durability", "redis"}, set(self.states()))
        self.cluster.replica.query("SELECT pg_wal_replay_pause()", "postgres")
        try:
            self.assertEqual(self.states()["replica"], "warning")
        finally:
            self.cluster.replica.query("SELECT pg_wal_replay_resume()", "postgres")
        self.cluster.redis.kill()
        try:
            self.assertEqual(self.states()["redis"], "warning")
        finally:
            self.cluster.redis.start()


class Commands(unittest.TestCase):
    """`make cluster` starts everything, and stops it again"""

    SCRIPT = program.ROOT / "scripts" / "cluster.py"

    def start(self, folder: str, port: int):
        """Starts a cluster as `make cluster` does, and waits until it says where it is."""
        self.environment = program.environment(
            binary=str(program.FUZE), cluster_dir=folder, cluster_port=str(port)) | {"PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            [sys.executable, self.SCRIPT, "start"], env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        said = [process.stdout.readline() for _ in range(6)]
        self.assertIn(f"http://127.0.0.1:{port}\n", said[0], said)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
            self.assertEqual(answer.status, 200)
        return process

    def assert_all_ended(self, folder: str, port: int):
        self.assertEqual([file.name for file in Path(folder).glob("*.pid")], [])
        for number in range(6):
            with socket.socket() as client:
                self.assertNotEqual(client.connect_ex(("127.0.0.1", port + number)), 0, number)

    def test_start_and_stop(self):
        """It says where everything is; Ctrl-C ends every part, and so does `make cluster-stop`, from elsewhere."""
        with open_folder() as folder:
            port = free_ports(6)
            process = self.start(folder, port)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), 0, process.stdout.read())
            self.assert_all_ended(folder, port)

            process = self.start(folder, port)
            subprocess.run([sys.executable, self.SCRIPT, "stop"], env=self.environment, check=True, capture_output=True)
            self.assertEqual(process.wait(60), 0, process.stdout.read())
            self.assert_all_ended(folder, port)
