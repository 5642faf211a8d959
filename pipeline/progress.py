"""Progress for people: bars on a terminal, lines elsewhere. The loader only calls back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from ingest.service import Step

LINE_SECONDS = 10.0


@contextmanager
def shown(stream: IO[str]) -> Iterator[Callable[[Step], None]]:
    """Give the callback that suits the stream."""
    if not stream.isatty():
        yield _lines(stream)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("pages"), TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(file=stream)) as bars:
        tasks: dict[str, TaskID] = {}

        def update(step: Step) -> None:
            if step.endpoint not in tasks:
                tasks[step.endpoint] = bars.add_task(step.endpoint, total=None)
            bars.update(tasks[step.endpoint], description=f"{step.endpoint} {step.state}")
            if step.pages:
                bars.update(tasks[step.endpoint], completed=step.pages_done, total=step.pages)

        yield update


def _lines(stream: IO[str]) -> Callable[[Step], None]:
    due: dict[str, float] = {}

    def line(step: Step) -> None:
        if step.state == "reading" and time.monotonic() < due.get(step.endpoint, 0.0):
            return
        due[step.endpoint] = time.monotonic() + LINE_SECONDS
        pages = f", page {step.pages_done} of {step.pages}" if step.pages else ""
        stream.write(f"{step.endpoint}: {step.state}{pages}, {step.records} records\n")
        stream.flush()

    return line
