"""How many requests may be under way: fewer when the server groans, more again when it is calm."""

from __future__ import annotations

from math import inf


class Throttle:
    """One for a host. Additive increase, multiplicative decrease, as TCP has it (RFC 5681).

    Moments are those of `time.monotonic`.
    """

    def __init__(self, workers: int, per_second: float | None) -> None:
        self._limit = float(workers)
        self._workers, self._pause = workers, 1 / per_second if per_second else 0.0
        self._next_at = 0.0

    def opens_at(self, busy: int) -> float:
        """The moment from which another request is welcome, with so many under way."""
        return self._next_at if busy < int(self._limit) else inf

    def count(self, now: float) -> None:
        """A request goes."""
        if self._pause:
            self._next_at = now + self._pause

    def calm(self) -> None:
        """An answer came: one more request after a round of them."""
        if self._limit < self._workers:
            self._limit = min(self._workers, self._limit + 1 / self._limit)

    def groan(self, until: float) -> None:
        """The server asked for less: half as many, and none before that moment."""
        self._limit = max(1.0, self._limit / 2)
        self._next_at = max(self._next_at, until)
