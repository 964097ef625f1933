"""Runs the end-to-end tests: all, or those whose names are given (`test_auth`, `test_auth.Sessions`)."""

import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from harness.program import FUZE  # noqa: E402 (the path must be set first)
from harness.records import ENGINE  # noqa: E402
from harness.report import SentenceResult, sentence  # noqa: E402


def main(names: list[str]) -> int:
    if not FUZE.is_file():
        print(f"There is no program at {FUZE}; build it first.", file=sys.stderr)
        return 2
    print(f"End-to-end tests of {FUZE}, records in {ENGINE}")
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(names) if names else loader.discover(str(HERE), top_level_dir=str(HERE))
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=SentenceResult).run(suite)
    if slow := result.slow():
        print("\nSlow tests")
        for took, test in slow:
            print(f"  {took:6.1f} s  {sentence(test)}")
    failed = len(result.failed)
    print(f"\n{result.testsRun - sum(test.id() in result.failed for _, test in result.durations)} passed, {failed} failed")
    return 1 if failed or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
