"""What each step of a run does; the order is in run.py."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ingest.errors import IngestError
from ingest.service import BatchResult, ingest
from ingest.settings import IngestSettings
from pipeline import state
from pipeline.dbt import Progress, invoke
from pipeline.progress import shown
from pipeline.record import Step
from pipeline.settings import Settings
from publish.errors import PublishError
from publish.reader import generation
from publish.service import publish
from publish.settings import default_url

RECOMMENDER = "tag:recommender"
NOTHING_NEW = "nothing new"


class NothingToDoError(Exception):
    """The step's inputs are those of its last success; raised to skip it, with the word why."""


@dataclass(frozen=True)
class Job:
    """What a step is given.

    Attributes:
        artifacts: folder for what the step leaves behind, the run's own.
        progress: told how far dbt is.
        ingest_options: options of the loader, as IngestSettings names them.
        publish_options: options of `publish.service.publish`.
        forced: work even when nothing is new.
    """

    settings: Settings
    artifacts: Path
    progress: Progress | None = None
    endpoints: Sequence[str] = ()
    ingest_options: dict[str, object] = field(default_factory=dict)
    publish_options: dict[str, Any] = field(default_factory=dict)
    forced: bool = False


def ingest_step(job: Job, step: Step) -> None:
    """Land what the API has; skipped when every endpoint is as it was."""
    settings = IngestSettings.from_env(
        lake=job.settings.lake, api_url=job.settings.api_url, **job.ingest_options
    )
    try:
        with shown(sys.stderr) as on_progress:
            results = ingest(settings, endpoints=job.endpoints, on_progress=on_progress)
    except IngestError as error:
        _count(step, [result for result in error.results if isinstance(result, BatchResult)])
        raise
    _count(step, results)
    if all(result.status == "unchanged" for result in results):
        raise NothingToDoError("the API has nothing new")


def _count(step: Step, results: list[BatchResult]) -> None:
    landed = [result for result in results if result.status == "landed"]
    step.rows_in = sum(result.rows + result.rejected for result in results)
    step.rows_out = sum(result.rows for result in landed)
    step.rows_rejected = sum(result.rejected for result in landed)
    step.details = [
        {
            "name": result.endpoint,
            "status": result.status,
            "batch_id": result.batch_id,
            "rows": result.rows,
            "rejected": result.rejected,
            "unchanged": result.unchanged,
            "repeated": result.repeated,
            "pages": result.pages,
            "bytes": result.bytes,
            "retries": result.retries,
            "seconds": round(result.seconds, 3),
        }
        for result in results
    ]


def build_step(job: Job, step: Step) -> None:
    """Build and test bronze, silver and gold."""
    inputs = state.inputs_of_build(job.settings.lake, job.settings.project)
    gold = job.settings.lake / "gold" / "fct_listen_history"
    work = partial(_dbt, job, step, "--exclude", RECOMMENDER)
    _once(job, "build", inputs, work, made=gold.exists())


def train_step(job: Job, step: Step) -> None:
    """Train the recommender on gold, make the lists and evaluate them."""
    lists = job.settings.lake / "gold" / "recommendations"
    work = partial(_dbt, job, step, "--select", RECOMMENDER)
    inputs = state.inputs_of_training(job.settings.lake, job.settings.project)
    _once(job, "train", inputs, work, made=lists.exists())


def _dbt(job: Job, step: Step, *selection: str) -> None:
    step.details = invoke(
        ["build", "--exclude-resource-type", "unit_test", *selection],
        settings=job.settings,
        results=job.artifacts / f"{step.name}_results.json",
        progress=job.progress,
    )
    step.rows_out = sum(node["rows"] or 0 for node in step.details if node["kind"] == "model")


def publish_step(job: Job, step: Step) -> None:
    """Make the lists visible to the frontend."""
    url = job.settings.serving_url or default_url(job.settings.lake)

    def work() -> None:
        result = publish(lake=job.settings.lake, url=url, **job.publish_options)
        step.rows_out = result.rows
        step.details = [
            {
                "name": result.location,
                "model_version": result.model_version,
                "generation": result.generation,
                "rows_written": result.rows_written,
            }
        ]

    inputs = state.inputs_of_publication(job.settings.lake, url)
    _once(job, "publish", inputs, work, made=_is_served(url))


def _is_served(url: str) -> bool:
    try:
        generation(url)
    except PublishError:
        return False
    return True


def docs_step(job: Job, step: Step) -> None:
    """Write the documentation site, one file."""

    def work() -> None:
        invoke(["docs", "generate", "--static"], settings=job.settings)
        step.details = [{"name": str(job.settings.docs)}]

    inputs = state.inputs_of_training(job.settings.lake, job.settings.project)
    _once(job, "docs", inputs, work, made=job.settings.docs.exists())


def _once(job: Job, name: str, inputs: str, work: Callable[[], None], *, made: bool) -> None:
    """Do the work unless it was last done on the same inputs and what it made is there."""
    lake = job.settings.lake
    if made and inputs == state.done(lake, name) and not job.forced:
        raise NothingToDoError(NOTHING_NEW)
    state.forget(lake, name)
    work()
    state.remember(lake, name, inputs)


STEPS: dict[str, Callable[[Job, Step], None]] = {
    "ingest": ingest_step,
    "build": build_step,
    "train": train_step,
    "publish": publish_step,
    "docs": docs_step,
}
