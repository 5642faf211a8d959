"""A run: the steps in order, each recorded, logged and shown."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version

from pipeline.freshness import freshness
from pipeline.lock import held
from pipeline.log import logging_to
from pipeline.past import bury, resumed
from pipeline.record import Run, Step
from pipeline.screen import Screen
from pipeline.settings import Settings
from pipeline.steps import STEPS, Job, NothingToDoError
from pipeline.telemetry import telling
from pipeline.usage import Usage

logger = logging.getLogger(__name__)


class StepFailedError(RuntimeError):
    """A step failed; the message names it, the reason and the log."""


def run_steps(
    names: Sequence[str], *, settings: Settings, screen: Screen, job_options: dict[str, object]
) -> Run:
    """Run steps in order and record them; the first that fails ends the run.

    Raises:
        StepFailedError: a step failed.
        LakeBusyError: another run holds the lake.
    """
    with held(settings.lake, wait_seconds=settings.wait_seconds, on_wait=screen.waiting):
        bury(settings.runs)
        resumes = resumed(settings.runs)
        run = Run.begin(
            settings.runs,
            medley_version=version("medley"),
            lake=str(settings.lake),
            target=os.environ.get("MEDLEY_TARGET") or "local",
            resumes=resumes,
        )
        job = Job(settings=settings, artifacts=run.folder, save=run.save, **job_options)  # type: ignore[arg-type]
        with logging_to(run), telling(settings, screen) as tell:
            for name in names:
                _run_step(name, job, run, screen)
                tell()
            _end(run, "success", settings)
    return run


def _run_step(name: str, job: Job, run: Run, screen: Screen) -> None:
    step = Step(name=name)
    run.steps.append(step)
    run.save()
    _log(step, "start")
    usage = Usage()
    try:
        with usage, screen.step(name) as progress:
            STEPS[name](replace(job, progress=progress), step)
    except NothingToDoError as word:
        step.message = str(word)
        _close(step, "skipped", usage)
    except BaseException as error:
        step.message = _reason(error)
        _close(step, "failed", usage)
        with suppress(OSError):  # a full disk takes no record of itself
            _log(step, "end", error=error)
            _end(run, "failed", job.settings, message=f"{name}: {step.message}")
        screen.ended(step)
        if isinstance(error, Exception):
            raise StepFailedError(f"{name} failed: {step.message} (log: {run.log})") from error
        raise
    else:
        _close(step, "success", usage)
    _log(step, "end")
    run.save()
    screen.ended(step)


def _close(step: Step, status: str, usage: Usage) -> None:
    step.peak_memory_bytes = usage.peak_bytes
    step.cpu_seconds = usage.cpu_seconds
    step.end(status)  # type: ignore[arg-type]


def _end(run: Run, status: str, settings: Settings, *, message: str | None = None) -> None:
    run.message = message
    try:
        disk = shutil.disk_usage(settings.lake)
        # What df reckons with: a file system's size also holds what only root or nobody may fill.
        run.disk_free_bytes, run.disk_total_bytes = disk.free, disk.used + disk.free
        run.freshness = freshness(settings.lake, settings.serving)
    except Exception:
        logger.exception("how fresh the layers are cannot be told")
    run.end(status)  # type: ignore[arg-type]


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _log(step: Step, action: str, *, error: BaseException | None = None) -> None:
    extra = {
        "event.dataset": "pipeline",
        "event.action": action,
        "medley.step": step.name,
        "medley.status": step.status,
        "medley.rows_in": step.rows_in,
        "medley.rows_out": step.rows_out,
        "medley.rows_rejected": step.rows_rejected,
        "medley.bytes": step.bytes,
        "medley.seconds": step.seconds,
        "medley.cpu_seconds": step.cpu_seconds,
        "medley.peak_memory_bytes": step.peak_memory_bytes,
    }
    level = logging.WARNING if step.warning else logging.INFO
    logger.log(
        logging.ERROR if error else level,
        "%s: %s%s%s",
        step.name,
        step.status,
        f", {step.message}" if step.message else "",
        f"; {step.warning}" if step.warning else "",
        extra={key: value for key, value in extra.items() if value is not None},
        exc_info=error,
    )
