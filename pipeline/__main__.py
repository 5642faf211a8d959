"""The `medley` command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console

from ingest.errors import SettingsError
from pipeline import show
from pipeline.lock import LakeBusyError
from pipeline.notices import command as notices
from pipeline.record import Run
from pipeline.report import command as report
from pipeline.run import StepFailedError, run_steps
from pipeline.screen import Screen
from pipeline.settings import Settings
from pipeline.sql import sql
from pipeline.summary import show as show_summary
from publish.__main__ import recommend
from publish.cli import keep_option, older_option, roll_back, rollback_option
from publish.serve import serve
from sample_api.__main__ import command as sample_api

lake_option = click.option("--lake", help="Folder of the lake.  [default: $MEDLEY_LAKE or ./lake]")
force_option = click.option("--force", is_flag=True, help="Work even when nothing is new.")
skip_option = click.option(
    "--skip-exit-code",
    type=click.IntRange(0, 255),
    default=0,
    help="Exit status when nothing was new, for a scheduler.  [default: 0]",
)
WRONG_USAGE = 2
PLAIN_WIDTH = 110
ORDER = ("ingest", "build", "train", "publish", "docs")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """From a music service's REST API to recommendations."""


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


def _settings(**given: str | None) -> Settings:
    try:
        return Settings.from_env(**given)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def _run(names: tuple[str, ...], settings: Settings, **job_options: object) -> Run:
    if os.environ.get("MEDLEY_TARGET") == "dev":
        raise click.UsageError("MEDLEY_TARGET=dev builds tables that only dbt reads; unset it")
    screen = Screen(Console(stderr=True))
    with _followed_up(settings, screen):
        return run_steps(names, settings=settings, screen=screen, job_options=job_options)


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


def _stage(name: str, settings: Settings, *, skip_exit_code: int, **job_options: object) -> None:
    """Run one step; the process ends with `skip_exit_code` when it had nothing new to do."""
    done = _run((name,), settings, **job_options)
    if all(step.status == "skipped" for step in done.steps):
        sys.exit(skip_exit_code)


@main.command()
@click.option("--api-url", help="Address of the music API.  [default: $MEDLEY_API_URL]")
@click.option(
    "--sample",
    is_flag=True,
    help="Use the sample API, with the faults of a real one, started for this run.",
)
@lake_option
@force_option
def run(*, api_url: str | None, sample: bool, lake: str | None, force: bool) -> None:
    """Ingest, build, train, publish and document; what has nothing new is skipped."""
    settings = _settings(lake=lake, api_url=api_url)
    if sample and settings.api_url:
        raise click.UsageError(
            f"--sample and the API address {settings.api_url} exclude each other"
        )
    with exit_status(), _api(settings, sample=sample) as settings:
        done = _run(ORDER, settings, forced=force)
    show_summary(done, settings=settings, console=_console())


def _console() -> Console:
    """Where there is no terminal, as wide as the tables need."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)


@contextmanager
def _api(settings: Settings, *, sample: bool) -> Iterator[Settings]:
    if not sample:
        yield settings
        return
    from dataclasses import replace

    from sample_api.process import running
    from sample_api.settings import SampleSettings

    with running(SampleSettings(dirty=True)) as url:
        yield replace(settings, api_url=url)


@main.command()
@click.argument("endpoints", nargs=-1, metavar="[ENDPOINT]...")
@click.option("--api-url", help="Address of the music API.  [default: $MEDLEY_API_URL]")
@lake_option
@click.option(
    "--workers", type=click.IntRange(1), help="Pages fetched side by side, at most.  [default: 24]"
)
@click.option("--page-size", type=click.IntRange(1), help="Records a page.  [default: 100]")
@click.option(
    "--requests-per-second", type=click.FloatRange(0, min_open=True), help="Requests, at most."
)
@click.option("--accept-shrinkage", is_flag=True, help="Land even if many records are gone.")
@click.option("--full", is_flag=True, help="Land even what is as it was.")
@skip_option
def ingest(
    *,
    endpoints: tuple[str, ...],
    api_url: str | None,
    lake: str | None,
    skip_exit_code: int,
    **options: object,
) -> None:
    """Land the API's records in bronze: the ENDPOINTs named, or all."""
    work = {"endpoints": endpoints, "ingest_options": options}
    with exit_status():
        settings = _settings(lake=lake, api_url=api_url)
        _stage("ingest", settings, skip_exit_code=skip_exit_code, **work)


@main.command()
@lake_option
def checks(*, lake: str | None) -> None:
    """Write the page that says what was checked of each batch, and name it."""
    from ingest.datadocs import build

    click.echo(build(str(_settings(lake=lake).lake)))


@main.command()
@lake_option
@force_option
@skip_option
def build(*, lake: str | None, force: bool, skip_exit_code: int) -> None:
    """Build and test bronze, silver and gold from what has landed."""
    with exit_status():
        settings = _settings(lake=lake)
        _stage("build", settings, skip_exit_code=skip_exit_code, forced=force)


@main.command()
@lake_option
@force_option
@skip_option
def train(*, lake: str | None, force: bool, skip_exit_code: int) -> None:
    """Train the recommender on gold, make the lists and evaluate them."""
    with exit_status():
        settings = _settings(lake=lake)
        _stage("train", settings, skip_exit_code=skip_exit_code, forced=force)


@main.command()
@lake_option
@click.option("--to", "url", help="Serving database.  [default: $MEDLEY_SERVING_URL or SQLite]")
@keep_option
@older_option
@rollback_option
@click.option(
    "--version",
    "model_version",
    metavar="VERSION",
    help="Make today's lists of a kept version of the model first, and publish these.",
)
@force_option
@skip_option
def publish(
    *,
    lake: str | None,
    url: str | None,
    rollback: bool,
    model_version: str | None,
    force: bool,
    skip_exit_code: int,
    **options: object,
) -> None:
    """Make the current lists visible to the frontend, at once."""
    settings = _settings(lake=lake, serving_url=url)
    if rollback and model_version:
        raise click.UsageError("--rollback and --version exclude each other")
    if rollback:
        roll_back(settings.serving)
        return
    if model_version:
        _require_kept(model_version, settings)
        with exit_status():
            steps = ("train", "publish")
            _run(steps, settings, model_version=model_version, publish_options=options)
        return
    with exit_status():
        _stage(
            "publish",
            settings,
            skip_exit_code=skip_exit_code,
            forced=force,
            publish_options=options,
        )


def _require_kept(version: str, settings: Settings) -> None:
    from pipeline.versions import kept

    versions = kept(settings.lake)
    if version not in versions:
        named = ", ".join(versions) or "none"
        raise click.UsageError(f"there is no version {version}; those kept are: {named}")


@main.command()
@lake_option
@click.option("--n", default=10, show_default=True, help="How many.")
def runs(*, lake: str | None, n: int) -> None:
    """List past runs, newest first."""
    show.runs(_settings(lake=lake), n=n, console=_console())


@main.command()
@lake_option
def status(*, lake: str | None) -> None:
    """Show the newest run step by step, and how fresh each layer is."""
    if not show.status(_settings(lake=lake), console=_console()):
        raise click.ClickException("there is no run yet; start one with `medley run`")


main.add_command(notices.notify)
main.add_command(recommend)
main.add_command(report.report)
main.add_command(serve)
main.add_command(sql)
main.add_command(sample_api)

if __name__ == "__main__":
    sys.exit(main(prog_name="medley"))
