"""The record of a run: one JSON file from which everything said about the run is drawn.

`docs/run-record.md` explains it; `docs/run-record.schema.json` is made from these types by
`python -m pipeline.schema`. What is added must have a default, so that old records stay readable;
a field is never renamed or given another meaning.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 2
FILE = "run.json"

NODE_DONE = ("success", "pass", "warn")

Status = Literal["running", "success", "skipped", "failed", "died"]
Moment = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


class Endpoint(msgspec.Struct, kw_only=True):
    """What became of one endpoint of the API (ingest).

    `rows` and `rejected` are of the batch: the one that landed, or when unchanged the newest that
    is there. `records` is what this reading read, `unchanged` and `repeated` of them were known or
    came twice. `data_at` is the newest timestamp among the records, where news alone are asked for.
    """

    name: str
    status: Literal["landed", "unchanged", "failed"]
    batch_id: str | None = None
    records: Count | None = None
    rows: Count | None = None
    rejected: Count | None = None
    unchanged: Count | None = None
    repeated: Count | None = None
    pages: Count | None = None
    bytes: Count | None = None
    retries: Count | None = None
    seconds: Seconds | None = None
    data_at: Moment | None = None
    reasons: dict[str, Count] = {}
    message: str | None = None


class Node(msgspec.Struct, kw_only=True):
    """What became of one dbt node (build, train).

    `rows`, `bytes` and `files` are of the table's current Parquet files; views and tests have none.
    `failures` are the rows that a test found. `made_in` is the run that made it, when that is one
    before, which this one resumes.
    """

    name: str
    kind: str
    status: str
    layer: str | None = None
    materialized: str | None = None
    rows: Count | None = None
    bytes: Count | None = None
    files: Count | None = None
    seconds: Seconds | None = None
    failures: Count | None = None
    made_in: str | None = None
    message: str | None = None


class Reject(msgspec.Struct, kw_only=True):
    """How many records of an endpoint are set aside for one reason, by landing and cleaning."""

    endpoint: str
    reason: str
    severity: str
    records: Count


class Quality(msgspec.Struct, kw_only=True):
    """One measured value of the recommender, or of what it is compared with (train)."""

    model_version: str
    recommender: str
    metric: str
    value: float
    depth: Count | None = None
    users: Count | None = None


class Publication(msgspec.Struct, kw_only=True):
    """What the frontend reads from now on (publish).

    `lag_seconds` is from `landed_at`, the landing of the newest batch in it, to `published_at`.
    """

    location: str
    model_version: str
    users: Count
    rows: Count
    generated_at: Moment
    published_at: Moment
    landed_at: Moment | None = None
    lag_seconds: Seconds | None = None


class Freshness(msgspec.Struct, kw_only=True):
    """How new a layer is, at the end of the run.

    `written_at` is when it was last written, `landed_at` the landing of the newest batch it holds,
    `data_at` the newest listen in it.
    """

    layer: Literal["bronze", "silver", "gold", "recommendations", "serving"]
    written_at: Moment
    landed_at: Moment | None = None
    data_at: Moment | None = None
    tables: Count | None = None
    rows: Count | None = None
    bytes: Count | None = None


class Step(msgspec.Struct, kw_only=True):
    """One step of a run.

    `rows_in` were read, `rows_out` and `bytes` written (received, by ingest), `rows_rejected` set
    aside. `cpu_seconds` and `peak_memory_bytes` are those of the process and all below it: the JVM,
    Python workers. `inputs` is a digest of what it worked on; `message` says in one line why it was
    skipped or failed, or after what it goes on; `warning` what is wrong though it did not fail.
    """

    name: str
    status: Status = "running"
    started_at: Moment = msgspec.field(default_factory=lambda: now().isoformat())
    ended_at: Moment | None = None
    seconds: Seconds | None = None
    rows_in: Count | None = None
    rows_out: Count | None = None
    rows_rejected: Count | None = None
    bytes: Count | None = None
    peak_memory_bytes: Count | None = None
    cpu_seconds: Seconds | None = None
    message: str | None = None
    warning: str | None = None
    inputs: str | None = None
    endpoints: list[Endpoint] = []
    nodes: list[Node] = []
    rejects: list[Reject] = []
    quality: list[Quality] = []
    publication: Publication | None = None

    def end(self, status: Status, *, at: datetime | None = None) -> None:
        """Close the step."""
        ended = at or now()
        self.status = status
        self.ended_at = ended.isoformat()
        self.seconds = seconds_between(self.started_at, ended)


class Record(msgspec.Struct, kw_only=True):
    """One pass of the pipeline, `<lake>/runs/<run_id>/run.json`.

    `resumes` is the run before, where that failed or died and this one goes on from it.
    """

    run_id: str
    schema_version: int = 1
    medley_version: str | None = None
    host: str | None = None
    pid: int
    lake: str | None = None
    target: str | None = None
    status: Status = "running"
    started_at: Moment
    ended_at: Moment | None = None
    seconds: Seconds | None = None
    peak_memory_bytes: Count | None = None
    cpu_seconds: Seconds | None = None
    message: str | None = None
    resumes: str | None = None
    steps: list[Step] = []
    freshness: list[Freshness] = []
    disk_free_bytes: Count | None = None
    disk_total_bytes: Count | None = None


class Run(Record, kw_only=True):
    """A record and the folder that it is kept in."""

    folder: Path

    @classmethod
    def begin(cls, runs: Path, **facts: str | None) -> Run:
        """Start a record in a new folder, named by the time so that runs sort."""
        started = now()
        run_id = started.strftime("%Y%m%dT%H%M%S%fZ")
        folder = runs / run_id
        folder.mkdir(parents=True)
        run = cls(
            run_id=run_id,
            folder=folder,
            schema_version=SCHEMA_VERSION,
            pid=os.getpid(),
            host=socket.gethostname(),
            started_at=started.isoformat(),
            **facts,  # type: ignore[arg-type]
        )
        run.save()
        return run

    @property
    def log(self) -> Path:
        """The run's log, ECS JSON lines."""
        return self.folder / "log.jsonl"

    @property
    def spark_log(self) -> Path:
        """What Spark's JVM said during the run, ECS JSON lines; not there if it said nothing."""
        return self.folder / "spark.jsonl"

    def step(self, name: str) -> Step | None:
        """The step of a name, if the run had it."""
        return next((step for step in self.steps if step.name == name), None)

    def save(self) -> None:
        """Write the record, whole or not at all."""
        kept = {name: getattr(self, name) for name in Record.__struct_fields__}
        aside = self.folder / f"{FILE}.part"
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")
        aside.replace(self.folder / FILE)

    def end(self, status: Status, *, at: datetime | None = None) -> None:
        """Close the run and write its record."""
        ended = at or now()
        self.status = status
        self.ended_at = ended.isoformat()
        self.seconds = seconds_between(self.started_at, ended)
        peaks = [step.peak_memory_bytes or 0 for step in self.steps]
        self.peak_memory_bytes = max(peaks, default=0) or None
        spent = [step.cpu_seconds for step in self.steps if step.cpu_seconds is not None]
        self.cpu_seconds = round(sum(spent), 3) if spent else None
        self.save()


def seconds_between(start: str, end: datetime) -> float:
    """From a recorded moment to another; a clock that was set back makes it 0."""
    return max(0.0, round((end - datetime.fromisoformat(start)).total_seconds(), 3))


def read_run(folder: Path) -> Run:
    """Read the record in a folder, whichever version of Medley wrote it.

    Raises:
        msgspec.DecodeError: it is no record.
    """
    kept = msgspec.json.decode((folder / FILE).read_bytes(), type=Record)
    facts = {name: getattr(kept, name) for name in Record.__struct_fields__}
    return Run(folder=folder, **facts)


def past_runs(runs: Path) -> Iterator[Run]:
    """The recorded runs, newest first; what is no record is passed over with a warning."""
    for path in sorted(runs.glob(f"*/{FILE}"), reverse=True):
        try:
            yield read_run(path.parent)
        except (msgspec.DecodeError, OSError) as error:
            logger.warning("%s is passed over: %s", path, error)
