"""The most memory that one of Spark's Python workers holds while a block runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil
from pyspark.sql import SparkSession

INTERVAL_SECONDS = 0.02


@dataclass
class Most:
    """Resident bytes; pages that workers share count in each."""

    resident: int = 0


@contextmanager
def most_of_a_worker(spark: SparkSession) -> Iterator[Most]:
    """Look at the workers of a local session every 20 ms."""
    java = psutil.Process(spark.sparkContext._gateway.proc.pid)
    most, ended = Most(), threading.Event()

    def look() -> None:
        while not ended.wait(INTERVAL_SECONDS):
            for process in java.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    most.resident = max(most.resident, process.memory_info().rss)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield most
    finally:
        ended.set()
        watcher.join()
