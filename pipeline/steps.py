"""What each step of a run does; the order is in run.py."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from ingest.errors import IngestError
from ingest.service import ingest
from ingest.settings import IngestSettings
from pipeline import state, training, versions
from pipeline.dbt import DbtFailedError, Progress, invoke, listed
from pipeline.freshness import landed, served
from pipeline.gold import quality, rejects
from pipeline.outcomes import publication, tell_failed_ingestion, tell_ingestion
from pipeline.past import done_before
from pipeline.progress import shown
from pipeline.record import Node, Step
from pipeline.settings import Settings
from pipeline.tables import extent_of
from publish.service import publish

RECOMMENDER = "tag:recommender"
TRAINING = "tag:training"


class NothingToDoError(Exception):
    """The step's inputs are those of its last success; raised to skip it, with the word why."""


@dataclass(frozen=True)
class Job:
    """What a step is given.

    Attributes:
        artifacts: folder for what the step leaves behind, the run's own.
        progress: told how far dbt is.
        save: writes the record as it stands.
        ingest_options: options of the loader, as IngestSettings names them.
        publish_options: options of `publish.service.publish`.
        forced: work even when nothing is new.
        model_version: make lists of this version of the model, whatever else is new.
    """

    settings: Settings
    artifacts: Path
    progress: Progress | None = None
    save: Callable[[], None] = lambda: None
    endpoints: Sequence[str] = ()
    ingest_options: dict[str, object] = field(default_factory=dict)
    publish_options: dict[str, Any] = field(default_factory=dict)
    forced: bool = False
    model_version: str | None = None


def ingest_step(job: Job, step: Step) -> None:
    """Land what the API has; skipped when every endpoint is as it was."""
    settings = IngestSettings.from_env(
        lake=job.settings.lake, api_url=job.settings.api_url, **job.ingest_options
    )
    try:
        with shown(sys.stderr) as on_progress:
            results = ingest(settings, endpoints=job.endpoints, on_progress=on_progress)
    except IngestError as error:
        tell_failed_ingestion(step, error)
        raise
    tell_ingestion(step, results)
    if all(result.status == "unchanged" for result in results):
        raise NothingToDoError("the API has nothing new")


def build_step(job: Job, step: Step) -> None:
    """Build and test bronze, silver and gold: what is new, or all when the project has changed."""
    lake = job.settings.lake
    step.inputs = state.inputs_of_build(lake, job.settings.project)
    models = state.project_digest(job.settings.project)
    whole = job.forced or models != state.done(lake, "models")

    def work() -> None:
        step.rows_in = sum(batch.rows + batch.rejected for batch in landed(lake))
        _dbt(job, step, "--exclude", RECOMMENDER, options=["--full-refresh"] if whole else [])
        state.remember(lake, "models", models)
        state.keep_manifest(lake, job.settings.project)
        step.rejects = rejects(lake)
        step.rows_rejected = sum(reject.records for reject in step.rejects)

    _once(job, step, work, made=(lake / "gold" / "fct_listen_history").exists())


def train_step(job: Job, step: Step) -> None:
    """Train the recommender on gold and make the lists; or the lists alone, if that is all."""
    lake, project = job.settings.lake, job.settings.project
    plan = training.plan(lake, project, forced=job.forced, version=job.model_version)
    if plan.work == "nothing":
        raise NothingToDoError(plan.word)
    before = versions.trained_at(lake)
    step.inputs = state.digest([plan.work, plan.version or "", plan.listens, plan.all])
    step.message = plan.word
    training.begin(lake, plan)
    listened = extent_of(lake / "gold" / "fct_listen_history")
    step.rows_in = listened.rows if listened else None
    _dbt(
        job,
        step,
        *("--select", RECOMMENDER),
        *(("--exclude", TRAINING) if plan.work == "lists" else ()),
        options=["--vars", f"model_version: {plan.version}"] if plan.version else [],
    )
    training.done(lake, project, plan)
    step.quality = quality(lake)
    if plan.work == "train":
        step.warning = versions.refusal(lake)
        same = "the model is as it was" if before and before == versions.trained_at(lake) else None
        words = (step.message, same, versions.reservation(lake))
        step.message = ", ".join(word for word in words if word) or None


def _dbt(job: Job, step: Step, *selection: str, options: Sequence[str] = ()) -> None:
    """Build and test a selection; what the run before did of the same work is not done again."""
    settings, writing = job.settings, Lock()  # dbt's threads end nodes side by side
    done = [] if job.forced else done_before(settings.runs, step, lake=settings.lake)
    chosen = list(selection)
    if done:
        known = {node.name for node in done}
        left = [name for name in listed(selection, settings=settings) if name not in known]
        chosen = ["--indirect-selection", "empty", "--select", *left] if left else []
        step.message = f"goes on after {len(done)} nodes of run {done[0].made_in}"
    step.nodes = list(done)

    def on_node(node: Node) -> None:
        with writing:
            step.nodes.append(node)
            job.save()

    try:
        if chosen:
            made = invoke(
                ["build", "--exclude-resource-type", "unit_test", *options, *chosen],
                settings=settings,
                results=job.artifacts / f"{step.name}_results.json",
                progress=job.progress,
                on_node=on_node,
            )
            step.nodes = [*done, *made]
    except DbtFailedError as error:
        step.nodes = [*done, *error.nodes] if error.nodes else step.nodes
        raise
    finally:
        models = [node for node in step.nodes if node.kind == "model"]
        step.rows_out = sum(node.rows or 0 for node in models)
        step.bytes = sum(node.bytes or 0 for node in models)


def publish_step(job: Job, step: Step) -> None:
    """Make the lists visible to the frontend."""
    lake = job.settings.lake
    url = job.settings.serving
    step.inputs = state.inputs_of_publication(lake, url)

    def work() -> None:
        result = publish(lake=lake, url=url, **job.publish_options)
        step.rows_in = step.rows_out = result.rows
        step.publication = publication(result, lake=lake, url=url)

    _once(job, step, work, made=served(url) is not None)


def docs_step(job: Job, step: Step) -> None:
    """Write the documentation site, one file."""
    step.inputs = state.inputs_of_training(job.settings.lake, job.settings.project)

    def work() -> None:
        invoke(["docs", "generate", "--static"], settings=job.settings)
        step.bytes = job.settings.docs.stat().st_size

    _once(job, step, work, made=job.settings.docs.exists())


def _once(job: Job, step: Step, work: Callable[[], None], *, made: bool) -> None:
    """Do the work unless it was last done on the same inputs and what it made is there."""
    lake, inputs = job.settings.lake, step.inputs or ""
    if made and inputs == state.done(lake, step.name) and not job.forced:
        raise NothingToDoError(training.NOTHING_NEW)
    state.forget(lake, step.name)
    work()
    state.remember(lake, step.name, inputs)


STEPS: dict[str, Callable[[Job, Step], None]] = {
    "ingest": ingest_step,
    "build": build_step,
    "train": train_step,
    "publish": publish_step,
    "docs": docs_step,
}
