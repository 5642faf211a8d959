"""`medley run`: the whole pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from pipeline.commands.options import (
    api_url_option,
    console,
    force_option,
    lake_option,
    settings_of,
)
from pipeline.commands.steps import exit_status, run_all
from pipeline.settings import Settings
from pipeline.summary import show

ORDER = ("ingest", "build", "train", "publish", "docs")


@click.command()
@api_url_option
@click.option(
    "--sample",
    is_flag=True,
    help="Use the sample API, with the faults of a real one, started for this run.",
)
@lake_option
@force_option
def run(*, api_url: str | None, sample: bool, lake: str | None, force: bool) -> None:
    """Ingest, build, train, publish and document; what has nothing new is skipped."""
    settings = settings_of(lake=lake, api_url=api_url)
    if sample and settings.api_url:
        raise click.UsageError(
            f"--sample and the API address {settings.api_url} exclude each other"
        )
    with exit_status(), _api(settings, sample=sample) as settings:
        done = run_all(ORDER, settings, forced=force)
    show(done, settings=settings, console=console())


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
