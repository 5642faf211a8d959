"""How many requests may be under way: fewer when the server groans, more again when it is calm."""

from __future__ import annotations

import threading
import time

from ingest.errors import ApiUnavailableError

LOOK_SECONDS = 0.25


class Throttle:
    """One for a host. Additive increase, multiplicative decrease, as TCP has it (RFC 5681).

    `stop` ends all waiting.
    """

    def __init__(self, workers: int, per_second: float | None) -> None:
        self.limit = float(workers)
        self._workers, self._pause = workers, 1 / per_second if per_second else 0.0
        self._busy, self._next_at, self._turn = 0, 0.0, threading.Condition()
        self.stop = threading.Event()

    def __enter__(self) -> None:
        """Wait for a place, and for the moment from which requests are welcome.

        Raises:
            ApiUnavailableError: nobody waits for the answer any more.
        """
        with self._turn:
            while not self.stop.is_set() and (
                self._busy >= int(self.limit) or self._next_at > time.monotonic()
            ):
                wait = self._next_at - time.monotonic()
                self._turn.wait(min(wait, LOOK_SECONDS) if wait > 0 else LOOK_SECONDS)
            if self.stop.is_set():
                raise ApiUnavailableError("the reading was given up")
            self._busy += 1
            if self._pause:
                self._next_at = time.monotonic() + self._pause

    def __exit__(self, *_error: object) -> None:
        """Give the place back."""
        with self._turn:
            self._busy -= 1
            self._turn.notify()

    def calm(self) -> None:
        """An answer came: one more request after a round of them."""
        if self.limit < self._workers:
            with self._turn:
                self.limit = min(self._workers, self.limit + 1 / self.limit)

    def groan(self, wait_seconds: float) -> None:
        """The server asked for less: half as many, and none for so long."""
        with self._turn:
            self.limit = max(1.0, self.limit / 2)
            self._next_at = max(self._next_at, time.monotonic() + wait_seconds)
