"""What a piece of work cost: seconds, and processor seconds of this process and its children."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil


@dataclass
class Cost:
    """Wall clock and processor seconds; the latter hardly depend on what else the machine does."""

    seconds: float = 0.0
    cpu: float = 0.0


@contextmanager
def clocked() -> Iterator[Cost]:
    """Measure a block; children (the JVM) have to live on until its end."""
    cost = Cost()
    before, started = _cpu(), time.perf_counter()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - started
        cost.cpu = _cpu() - before


def _cpu() -> float:
    this = psutil.Process()
    times = [process.cpu_times() for process in (this, *this.children(recursive=True))]
    return sum(each.user + each.system for each in times)
