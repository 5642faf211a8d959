"""`medley report`, and the page that each run leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import click

from ingest.errors import SettingsError
from pipeline.record import Run, past_runs
from pipeline.settings import Settings

logger = logging.getLogger(__name__)
FILE = "report.html"
PAST_RUNS = 100


def write(run: Run, settings: Settings, *, to: Path | None = None) -> Path:
    """Write the page of a run, whole or not at all; by default into the run's folder."""
    from pipeline.report.html import html
    from pipeline.report.page import page_of

    before = (other for other in past_runs(settings.runs) if other.run_id < run.run_id)
    newest = next(past_runs(settings.runs), run)
    page = page_of(
        run, list(islice(before, PAST_RUNS)), settings, newest=newest.run_id == run.run_id
    )
    text = html(page)
    place = to or run.folder / FILE
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(f"{place.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(place)
    return place


def after_run(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Leave the newest run's page in its folder; a fault in that is said, and fails nothing."""
    run = next(past_runs(settings.runs), None)
    if run is None:
        return
    try:
        write(run, settings)
    except Exception as error:
        logger.exception("no page of the run")
        say(f"no page of the run: {type(error).__name__}: {error}")


@click.command()
@click.argument("run_id", required=False)
@click.option("--lake", help="Folder of the lake.  [default: $MEDLEY_LAKE or ./lake]")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.  [default: report.html in the run's folder]",
)
def report(*, run_id: str | None, lake: str | None, to: Path | None) -> None:
    """Write the page of a run (the newest, or RUN_ID) as one file of HTML, and name it.

    It needs no network and no server. Listening and recommendations are those of the lake today.
    """
    try:
        settings = Settings.from_env(lake=lake)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    found = (run for run in past_runs(settings.runs) if run_id in (None, run.run_id))
    run = next(found, None)
    if run is None:
        known = f"no run {run_id} in" if run_id else "there is no run yet in"
        raise click.ClickException(f"{known} {settings.lake}; see `medley runs`")
    click.echo(write(run, settings, to=to))
