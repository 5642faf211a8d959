"""The most memory that a load holds, in a process of its own: `python -m bench.memory --help`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.medley_load import load

INTERVAL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Peak:
    """Resident bytes at most: of the loader's process, and of it and its children summed."""

    rows: int
    seconds: float
    own: int
    summed: int


def peak(url: str, endpoint: str, *, gate: bool = True) -> Peak:
    """Load an endpoint in a fresh process and look at its memory all the while."""
    command = [sys.executable, "-m", "bench.memory", url, endpoint]
    command += [] if gate else ["--without-checks"]
    own = summed = 0
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as loader:  # noqa: S603
        process = psutil.Process(loader.pid)
        while loader.poll() is None:
            sizes = _resident(process)
            own, summed = max(own, sizes[0]), max(summed, sum(sizes))
            time.sleep(INTERVAL_SECONDS)
        seconds = time.perf_counter() - started
        rows = int(loader.stdout.read() or 0)  # type: ignore[union-attr]
    return Peak(rows=rows, seconds=seconds, own=own, summed=summed)


def _resident(process: psutil.Process) -> list[int]:
    sizes = [0]
    with suppress(psutil.NoSuchProcess):  # it may end at any moment, and so may a child
        sizes[0] = process.memory_info().rss
        sizes += [child.memory_info().rss for child in process.children(recursive=True)]
    return sizes


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Load an endpoint once and write its rows.")
    parser.add_argument("url")
    parser.add_argument("endpoint")
    parser.add_argument("--without-checks", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        gate = not arguments.without_checks
        landed = load(arguments.url, arguments.endpoint, Path(folder), gate=gate)
    sys.stdout.write(f"{landed}\n")
