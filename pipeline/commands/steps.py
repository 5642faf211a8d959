"""Steps run for a command: shown, followed up, and turned into an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console

from ingest.errors import SettingsError
from pipeline.lock import LakeBusyError
from pipeline.notices import command as notices
from pipeline.record import Run
from pipeline.report import command as report
from pipeline.run import StepFailedError, run_steps
from pipeline.screen import Screen
from pipeline.settings import Settings

WRONG_USAGE = 2


@contextmanager
def exit_status() -> Iterator[None]:
    """Turn what can go wrong into one line and an exit status: 1 a step failed, 2 wrong usage."""
    try:
        yield
    except StepFailedError as error:
        wrong_usage = getattr(error.__cause__, "exit_status", 1) == WRONG_USAGE
        if wrong_usage or isinstance(error.__cause__, SettingsError):
            raise click.UsageError(str(error.__cause__)) from error
        raise click.ClickException(str(error)) from error
    except LakeBusyError as error:
        raise click.ClickException(str(error)) from error


def run_all(names: tuple[str, ...], settings: Settings, **job_options: object) -> Run:
    """Run steps in order, leave the run's page, and tell those who are to be told."""
    if os.environ.get("MEDLEY_TARGET") == "dev":
        raise click.UsageError("MEDLEY_TARGET=dev builds tables that only dbt reads; unset it")
    screen = Screen(Console(stderr=True))
    with _followed_up(settings, screen):
        return run_steps(names, settings=settings, screen=screen, job_options=job_options)


def run_one(name: str, settings: Settings, *, skip_exit_code: int, **job_options: object) -> None:
    """Run one step; the process ends with `skip_exit_code` when it had nothing new to do."""
    done = run_all((name,), settings, **job_options)
    if all(step.status == "skipped" for step in done.steps):
        sys.exit(skip_exit_code)


@contextmanager
def _followed_up(settings: Settings, screen: Screen) -> Iterator[None]:
    """Once a run has ended, well or not: leave its page, then tell those who are to be told."""
    told = notices.notice_settings()
    ran = True
    try:
        yield
    except LakeBusyError:
        ran = False
        raise
    finally:
        if ran:
            report.after_run(settings, say=screen.warn)
            notices.after_run(settings, told, say=screen.warn)
