"""What stands on the page of a run, gathered from records and Parquet files."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from pipeline.record import Freshness, Reject, Run, Step
from pipeline.report import music
from pipeline.report.history import quality, volumes
from pipeline.report.lineage import Graph, graph_of
from pipeline.settings import Settings
from pipeline.usual import Figure, figures
from pipeline.words import ago
from publish.errors import PublishError

logger = logging.getLogger(__name__)
Found = TypeVar("Found")

LISTENERS, RECOMMENDED, RANKED = 4, 6, 10


@dataclass(frozen=True)
class Bar:
    """A step on the time line of the run: where it starts and how long it is, of 100."""

    step: Step
    start: float
    length: float


@dataclass(frozen=True)
class Page:
    """All that the template draws. What there is not (yet) is empty."""

    run: Run
    newest: bool
    tiles: list[Figure]
    bars: list[Bar]
    graph: Graph | None
    volumes: Sequence[Any]
    quality: Sequence[Any]
    rejects: list[tuple[Reject, str, float]]
    freshness: list[tuple[Freshness, str]]
    places: list[tuple[str, str]]
    tracks: list[music.Ranked] = field(default_factory=list)
    genres: list[music.Ranked] = field(default_factory=list)
    listeners: list[music.Listener] = field(default_factory=list)


def page_of(run: Run, before: Sequence[Run], settings: Settings, *, newest: bool) -> Page:
    """Gather the page of a run.

    Args:
        run: the run.
        before: the runs before it, newest first.
        settings: where the lake and the project are.
        newest: whether there is no later run.
    """
    lake = settings.lake
    return Page(
        run=run,
        newest=newest,
        tiles=[it for it in figures(run, before) if not it.name.endswith(" took")],
        bars=_bars(run),
        graph=_try(None, graph_of, run, before, settings.project / "target" / "manifest.json"),
        volumes=volumes([run, *before]),
        quality=quality([run, *before]),
        rejects=_rejects([run, *before], settings.project),
        freshness=[(it, ago(it.data_at or it.landed_at, run.ended_at)) for it in run.freshness],
        tracks=_try([], music.top_tracks, lake, n=RANKED),
        genres=_try([], music.top_genres, lake, n=RANKED),
        listeners=_try([], music.sample, lake, users=LISTENERS, tracks=RECOMMENDED),
        places=[("lake", str(lake)), ("record", str(run.folder)), ("log", str(run.log))],
    )


def _try(otherwise: Found, read: Callable[..., Found], *words: Any, **options: Any) -> Found:
    """A part of the page that cannot be had leaves the others alone."""
    try:
        return read(*words, **options)
    except (PublishError, OSError, pa.ArrowException, KeyError, ValueError) as error:
        logger.info("the page goes without %s: %s", read.__name__, error)
        return otherwise


def _bars(run: Run) -> list[Bar]:
    began = datetime.fromisoformat(run.started_at)
    whole = max(run.seconds or 0.0, sum(step.seconds or 0.0 for step in run.steps), 0.001)
    bars = []
    for step in run.steps:
        offset = (datetime.fromisoformat(step.started_at) - began).total_seconds()
        start = min(max(100 * offset / whole, 0.0), 100.0)
        length = min(100 * (step.seconds or 0.0) / whole, 100.0 - start)
        bars.append(Bar(step, round(start, 2), round(max(length, 0.0), 2)))
    return bars


def _rejects(runs: Sequence[Run], project: Path) -> list[tuple[Reject, str, float]]:
    """What the newest build set aside, each with its remedy and its share of the most frequent."""
    built = (step for run in runs if (step := run.step("build")) and step.status == "success")
    newest = next(built, None)
    if newest is None:
        return []
    none: dict[str, str] = {}
    remedies = _try(none, _remedies, project / "seeds" / "reject_reasons.csv")
    most = max((reject.records for reject in newest.rejects), default=1) or 1
    return [
        (reject, remedies.get(reject.reason, ""), reject.records / most)
        for reject in newest.rejects
    ]


def _remedies(seed: Path) -> dict[str, str]:
    with seed.open(encoding="utf-8", newline="") as file:
        return {row["reason"]: row["remedy"] for row in csv.DictReader(file)}
