"""Waiting for what takes time, but never for ever."""

import time


def wait_until(what: str, condition, timeout: float = 30, pause: float = 0.05):
    """Gives the first value of `condition` that counts as true; an AssertionError naming `what` after `timeout`."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(pause)
