"""What Spark did while this process did something: its jobs, and where the time went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from py4j.java_gateway import GatewayClient
from pyspark.sql import SparkSession

Span = tuple[float, float]


@dataclass
class Watched:
    """Seconds by where they went; of what happens at once, each moment counts once.

    Attributes:
        jobs: Spark jobs that were run.
        running: seconds in which at least one of them ran.
        calling: further seconds in which Python waited for the JVM: analysis, planning, the
            catalog, files committed.
        python: the rest: dbt, its Jinja, its adapter.
    """

    jobs: int = 0
    running: float = 0.0
    calling: float = 0.0
    python: float = 0.0
    _calls: list[Span] = field(default_factory=list, repr=False)

    def split(self) -> dict[str, float]:
        """As the findings have it."""
        return {name: getattr(self, name) for name in ("jobs", "running", "calling", "python")}


@contextmanager
def watching(session: SparkSession) -> Iterator[Watched]:
    """Watch what is done inside the block."""
    store = session.sparkContext._jsc.sc()
    before = int(store.dagScheduler().numTotalJobs())
    watched = Watched()
    original: Callable[..., Any] = GatewayClient.send_command

    def timed(self: GatewayClient, *words: Any, **more: Any) -> Any:
        started = time.time()
        try:
            return original(self, *words, **more)
        finally:
            watched._calls.append((started, time.time()))

    GatewayClient.send_command = timed
    started = time.time()
    try:
        yield watched
    finally:
        ended = time.time()
        GatewayClient.send_command = original
    store.listenerBus().waitUntilEmpty()
    watched.jobs = int(store.dagScheduler().numTotalJobs()) - before
    jobs = [(max(start, started), end) for start, end in _jobs(store, before)]
    watched.running = _covered(jobs)
    watched.calling = _covered(jobs + watched._calls) - watched.running
    watched.python = ended - started - watched.running - watched.calling


def _jobs(store: Any, before: int) -> list[Span]:
    jobs = store.statusStore().jobsList(None)
    found = (jobs.apply(place) for place in range(jobs.size()))
    return [
        (job.submissionTime().get().getTime() / 1000, job.completionTime().get().getTime() / 1000)
        for job in found
        if job.jobId() >= before and job.completionTime().isDefined()
    ]


def _covered(spans: list[Span]) -> float:
    """Seconds that lie in at least one span."""
    total, reached = 0.0, 0.0
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
