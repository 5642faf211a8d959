"""`medley tune`: which parameters of the recommender would be better; it changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.errors import IngestError
from ingest.service import ingest
from ingest.settings import IngestSettings
from pipeline.commands.options import console, lake_option, settings_of
from pipeline.commands.steps import exit_status
from pipeline.dbt import DbtFailedError, invoke
from pipeline.lock import held
from pipeline.screen import Screen
from pipeline.settings import Settings

if TYPE_CHECKING:
    from recommender.training import Parameters
    from recommender.tuning import Grid, Trial

LEARNED_FROM = "gold.als_input"
NOTHING = "{} has nothing to tune on: `medley run` first, or --sample"
FEWEST_JUDGED, MOST_JUDGED = 30, 10_000


@click.command()
@lake_option
@click.option("--sample", is_flag=True, help="Tune on the sample API's listening, not on a lake.")
@click.option(
    "--users",
    type=click.IntRange(1),
    default=20_000,
    show_default=True,
    help="Learn from so many users, at most.",
)
@click.option(
    "--try",
    "tries",
    multiple=True,
    metavar="NAME=VALUE,...",
    help="Values of a parameter to try, instead of the usual ones of all; may be repeated.",
)
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the table of all trials, CSV.  [default: target/tuning.csv]",
)
def tune(
    *, lake: str | None, sample: bool, users: int, tries: tuple[str, ...], to: Path | None
) -> None:
    """Search better parameters for the recommender; minutes, and nothing is changed.

    One parameter after the other is varied, and judged by each user's newest discoveries, of which
    nothing is learned.
    """
    from pipeline.parameters import grid_of, parameters_of

    settings = settings_of(lake=lake)
    start = parameters_of(settings.project)
    grid = grid_of(tries, start)
    to = to or settings.docs.parent / "tuning.csv"
    with exit_status(), _listening(settings, sample=sample) as there, _alone(there):
        _tune(there, start, grid, users=users, to=to)


@contextmanager
def _listening(settings: Settings, *, sample: bool) -> Iterator[Settings]:
    """A lake with `als_input`: the one there is, or for a while one of the sample API."""
    if not sample:
        if not settings.lake.exists():
            raise click.ClickException(NOTHING.format(settings.lake))
        yield settings
        return
    with tempfile.TemporaryDirectory() as folder:
        there = replace(settings, lake=Path(folder) / "lake")
        try:
            _invent(there)
        except (IngestError, DbtFailedError) as error:
            raise click.ClickException(str(error)) from error
        yield there


def _invent(settings: Settings) -> None:
    """Build what the recommender learns from, of the sample API's listening."""
    from sample_api.process import running
    from sample_api.settings import SampleSettings

    with running(SampleSettings(dirty=True)) as url:
        ingest(IngestSettings.from_env(lake=settings.lake, api_url=url))
    kinds = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    invoke(["build", "--select", "+als_input", *kinds], settings=settings)


def _alone(settings: Settings) -> AbstractContextManager[None]:
    waiting = Screen(console()).waiting
    return held(settings.lake, wait_seconds=settings.wait_seconds, on_wait=waiting)


def _tune(settings: Settings, start: Parameters, grid: Grid, *, users: int, to: Path) -> None:
    from pipeline import trials
    from pipeline.session import session_of
    from recommender.judging import some_users
    from recommender.tuning import judged_popularity, search

    session = session_of(settings)
    if not session.catalog.tableExists(LEARNED_FROM):
        raise click.ClickException(NOTHING.format(settings.lake))
    everybody = session.table(LEARNED_FROM)
    interactions = everybody.join(some_users(everybody, users), "user_key", "left_semi").persist()
    tracks = session.table("gold.dim_track").where("track_key != -1").count()
    out = console()
    done: list[Trial] = []
    held_out = interactions.where("is_holdout").select("user_key").distinct()
    if held_out.count() < FEWEST_JUDGED:
        raise click.ClickException(
            f"fewer than {FEWEST_JUDGED} users have something held out: chance would choose"
        )
    for trial in search(interactions, start, grid, most_users=MOST_JUDGED):
        done.append(trial)
        out.print(trials.line(trial, done[0]), highlight=False, soft_wrap=True)
    popularity = judged_popularity(interactions, most_users=MOST_JUDGED)
    best = trials.best_of(done)
    shown = {"the parameters as they are": done[0]}
    if best is not done[0]:
        shown["the best"] = best
    out.print()
    for title, trial in shown.items():
        out.print(trials.ablation(title, popularity, trial, tracks=tracks))
    trials.write(to, popularity, done, tracks=tracks)
    for said in (*trials.verdict(done), f"table    {to}"):
        out.print(said, highlight=False, soft_wrap=True)
