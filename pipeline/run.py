"""A run: the steps in order, each recorded, logged and shown."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from pipeline.lock import held
from pipeline.log import logging_to
from pipeline.memory import PeakMemory
from pipeline.record import Run, Step, past_runs
from pipeline.screen import Screen
from pipeline.settings import Settings
from pipeline.steps import STEPS, Job, NothingToDoError

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
    with held(settings.lake):
        _bury(settings)
        run = Run.begin(settings.runs)
        job = Job(settings=settings, artifacts=run.folder, **job_options)  # type: ignore[arg-type]
        with logging_to(run):
            for name in names:
                _run_step(name, job, run, screen)
            run.end("success")
    return run


def _run_step(name: str, job: Job, run: Run, screen: Screen) -> None:
    step = Step(name)
    run.steps.append(step)
    run.save()
    _log(step, "start")
    memory = PeakMemory()
    try:
        with memory, screen.step(name) as progress:
            STEPS[name](replace(job, progress=progress), step)
    except NothingToDoError as word:
        step.message = str(word)
        step.end("skipped", peak_memory_bytes=memory.bytes)
    except BaseException as error:
        step.message = _reason(error)
        step.end("failed", peak_memory_bytes=memory.bytes)
        with suppress(OSError):  # a full disk takes no record of itself
            _log(step, "end", error=error)
            run.end("failed")
        screen.ended(step)
        if isinstance(error, Exception):
            raise StepFailedError(f"{name} failed: {step.message} (log: {run.log})") from error
        raise
    else:
        step.end("success", peak_memory_bytes=memory.bytes)
    _log(step, "end")
    run.save()
    screen.ended(step)


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _bury(settings: Settings) -> None:
    """Mark as failed the runs that died without a word; the lock says that none is alive."""
    for run in past_runs(settings.runs):
        if run.status == "running":
            for step in run.steps:
                if step.status == "running":
                    step.message = f"the process {run.pid} died"
                    step.end("failed")
            run.end("failed")


def _log(step: Step, action: str, *, error: BaseException | None = None) -> None:
    extra = {
        "event.dataset": "pipeline",
        "event.action": action,
        "medley.step": step.name,
        "medley.status": step.status,
        "medley.rows_out": step.rows_out,
        "medley.seconds": step.seconds,
    }
    logger.log(
        logging.ERROR if error else logging.INFO,
        "%s: %s%s",
        step.name,
        step.status,
        f", {step.message}" if step.message else "",
        extra={key: value for key, value in extra.items() if value is not None},
        exc_info=error,
    )
