"""Runs tests and reports them as sentences, for people who read along."""

import time
import unittest


class SentenceResult(unittest.TextTestResult):
    """Prints each test as its sentence with how long it took."""

    SLOW_SECONDS = 10

    def __init__(self, stream, descriptions, verbosity):
        super().__init__(stream, descriptions, verbosity=0)
        self.durations: list[tuple[float, unittest.TestCase]] = []
        self.failed: set[str] = set()

    def startTestRun(self):
        self._group = None

    def startTest(self, test):
        super().startTest(test)
        group = (type(test).__doc__ or type(test).__name__).strip().splitlines()[0]
        if group != self._group:
            self._group = group
            self.stream.writeln(f"\n{group}")
        self._started = time.monotonic()

    def stopTest(self, test):
        took = time.monotonic() - self._started
        self.durations.append((took, test))
        mark = "FAILED" if test.id() in self.failed else "ok"
        self.stream.writeln(f"  {mark:6} {took:6.1f} s  {sentence(test)}")
        self.stream.flush()
        super().stopTest(test)

    def addFailure(self, test, err):
        self.failed.add(test.id())
        super().addFailure(test, err)

    def addError(self, test, err):
        self.failed.add(test.id())
        super().addError(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.failed.add(test.id())
        super().addSubTest(test, subtest, err)

    def addSkip(self, test, reason):
        # A test that does not run proves nothing.
        self.addFailure(test, (AssertionError, AssertionError(f"skipped: {reason}"), None))

    def slow(self) -> list[tuple[float, unittest.TestCase]]:
        return sorted(
            ((took, test) for took, test in self.durations if took >= self.SLOW_SECONDS), key=lambda pair: -pair[0])


def sentence(test: unittest.TestCase) -> str:
    return " ".join((test._testMethodDoc or test.id()).split())
