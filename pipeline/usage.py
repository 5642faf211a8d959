"""What a step takes of the machine, the JVM and the Python workers included."""

from __future__ import annotations

import threading
from types import TracebackType

import psutil

INTERVAL_SECONDS = 0.5


class Usage:
    """Samples this process and all below it while a block runs.

    Attributes:
        peak_bytes: the largest resident memory at one look; pages shared by forks count in each.
        cpu_seconds: user and system time since the block began. What a process below this one
            did after the last look at it, half a second at most, is not in it.
    """

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._before: dict[tuple[int, float], float] = {}
        self._now: dict[tuple[int, float], float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="usage")

    @property
    def cpu_seconds(self) -> float:
        """User and system seconds used so far."""
        spent = (used - self._before.get(process, 0.0) for process, used in self._now.items())
        return round(sum(spent), 3)

    def __enter__(self) -> Usage:
        self._look()
        self._before = dict(self._now)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(INTERVAL_SECONDS):
            self._look()
        self._look()

    def _look(self) -> None:
        me = psutil.Process()
        resident = 0
        for process in [me, *me.children(recursive=True)]:
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    resident += process.memory_info().rss
                    self._now[process.pid, process.create_time()] = times.user + times.system
            except psutil.Error:  # it ended while we looked
                continue
        self.peak_bytes = max(self.peak_bytes, resident)
