"""The record of a run: one JSON file from which everything said about the run is drawn."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

Status = Literal["running", "success", "skipped", "failed"]


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


@dataclass
class Step:
    """One step of a run.

    Attributes:
        rows_in: records or rows the step read, where it knows.
        rows_out: rows it wrote.
        rows_rejected: rows it set aside.
        peak_memory_bytes: largest resident memory of the process and its children (the JVM).
        message: why it was skipped or failed, in one line.
        details: one entry per endpoint (ingest) or dbt node (build, train).
    """

    name: str
    status: Status = "running"
    started_at: str = field(default_factory=lambda: now().isoformat())
    ended_at: str | None = None
    seconds: float | None = None
    rows_in: int | None = None
    rows_out: int | None = None
    rows_rejected: int | None = None
    peak_memory_bytes: int | None = None
    message: str | None = None
    details: list[dict[str, Any]] = field(default_factory=list)

    def end(self, status: Status, *, peak_memory_bytes: int | None = None) -> None:
        """Close the step."""
        ended = now()
        self.status = status
        self.ended_at = ended.isoformat()
        self.seconds = (ended - datetime.fromisoformat(self.started_at)).total_seconds()
        self.peak_memory_bytes = peak_memory_bytes


@dataclass
class Run:
    """One pass of the pipeline, kept in `<lake>/runs/<run_id>/run.json`."""

    run_id: str
    folder: Path
    pid: int = field(default_factory=os.getpid)
    status: Status = "running"
    started_at: str = field(default_factory=lambda: now().isoformat())
    ended_at: str | None = None
    steps: list[Step] = field(default_factory=list)

    @classmethod
    def begin(cls, runs: Path) -> Run:
        """Start a record in a new folder, named by the time so that runs sort."""
        run_id = now().strftime("%Y%m%dT%H%M%S%fZ")
        folder = runs / run_id
        folder.mkdir(parents=True)
        run = cls(run_id=run_id, folder=folder)
        run.save()
        return run

    @property
    def log(self) -> Path:
        """The run's log, ECS JSON lines."""
        return self.folder / "log.jsonl"

    def save(self) -> None:
        """Write the record, whole or not at all."""
        kept = {key: value for key, value in asdict(self).items() if key != "folder"}
        aside = self.folder / "run.json.part"
        aside.write_text(json.dumps(kept, indent=2) + "\n")
        aside.replace(self.folder / "run.json")

    def end(self, status: Status) -> None:
        """Close the run."""
        self.status = status
        self.ended_at = now().isoformat()
        self.save()


def past_runs(runs: Path) -> Iterator[Run]:
    """The recorded runs, newest first."""
    for path in sorted(runs.glob("*/run.json"), reverse=True):
        kept = json.loads(path.read_text())
        steps = [Step(**step) for step in kept.pop("steps")]
        yield Run(**kept, steps=steps, folder=path.parent)
