"""Loads timed and checked, their table, and figures held against goals."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

Load = Callable[[str, str, Path], int]


class LostRowsError(AssertionError):
    """A loader landed another number of rows than the API served."""


@dataclass(frozen=True)
class Figure:
    """What was measured and, if there is a goal, what it has to be."""

    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""

    def __str__(self) -> str:
        return f"  {self.name}: {self.value:.2f}{self.unit}{self._verdict()}"

    def _verdict(self) -> str:
        if self.at_least is not None:
            met, words, limit = self.value >= self.at_least, "at least", self.at_least
        elif self.at_most is not None:
            met, words, limit = self.value <= self.at_most, "at most", self.at_most
        else:
            return ""
        return f" (goal: {words} {limit:g}{self.unit}, {'met' if met else 'missed'})"


def timed(load: Load, url: str, endpoint: str, records: int) -> float:
    """Seconds from an empty folder to all rows landed.

    Raises:
        LostRowsError: some are missing, or are there twice.
    """
    with tempfile.TemporaryDirectory() as folder:
        gc.collect()
        gc.freeze()  # what others left in memory is not searched for garbage again
        started = time.perf_counter()
        rows = load(url, endpoint, Path(folder))
        seconds = time.perf_counter() - started
    require_all(rows, records, load.__module__)
    return seconds


def require_all(rows: int, records: int, loader: str) -> None:
    """Raise LostRowsError unless every record is a row."""
    if rows != records:
        raise LostRowsError(f"{loader} landed {rows:,} rows of {records:,} records")


def table_of(title: str, taken: dict[str, list[float]], records: int) -> Table:
    """Seconds of every run, and from their median the records a second."""
    table = Table(title=title, title_justify="left")
    for column in ("", "seconds", "median", "spread", "records/s"):
        table.add_column(column, justify="left" if column in ("", "seconds") else "right")
    for name, times in taken.items():
        middle = statistics.median(times)
        each, spread = " ".join(f"{t:.2f}" for t in times), (max(times) - min(times)) / middle
        table.add_row(name, each, f"{middle:.2f}", f"{spread:.0%}", f"{records / middle:,.0f}")
    return table
