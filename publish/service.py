"""Publish: make a generation of recommendations visible to the frontend at once."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from publish import checks, gold, store
from publish.ahead import ahead
from publish.arrow import once_each
from publish.changes import Way, changes, everything, surely_many
from publish.checks import Origin
from publish.engine import Database
from publish.fingerprint import Profile, hashes, profile
from publish.heard import Listening
from publish.names import known_tracks, known_users
from publish.schema import POPULAR, RECOMMENDATIONS, SIMILAR, Table
from publish.settings import default_url, kept
from publish.sources import Source, sources
from publish.url import engine_for

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublishResult:
    """What the frontend reads from now on; `location` never holds a password.

    `rows` are the recommendations that are served, `rows_written` what was written of all lists
    to get there. Not `is_new`: all of it was served already, and nothing was done.
    """

    users: int
    rows: int
    rows_written: int
    seconds: float
    is_new: bool
    generation: int
    model_version: str
    location: str


def publish(
    *, lake: Path, url: str | None = None, keep: int | None = None, allow_older: bool = False
) -> PublishResult:
    """Write the current gold recommendations, with names, to the serving database.

    Args:
        lake: The folder that holds `gold/`.
        url: Where to; `sqlite:///<lake>/serving/medley.db` if not given.
        keep: How many generations are kept, the new one among them; MEDLEY_KEEP_GENERATIONS if
            not given.
        allow_older: Publish even what was made before that which is served.

    Raises:
        ServingUrlError: the URL is of no supported engine.
        SettingError: MEDLEY_KEEP_GENERATIONS cannot be used.
        GoldTableError: a gold table is missing or lacks a column.
        PublicationRefusedError: the generation is empty, mixed, unfit or too old.
        PublicationFailedError: the database could not take it.
        PublicationUnderWayError: somebody else is publishing to the same place.
        NotAServingDatabaseError: something that is not ours would be replaced.
        DatabaseUnreachableError: the server does not answer.

    Whatever is raised, what was served before still is.
    """
    started = time.monotonic()
    keep = keep or kept()
    engine = engine_for(url or default_url(lake))
    recommendations = gold.open_table(lake, gold.RECOMMENDATIONS)
    origin = checks.origin_of(recommendations)
    with engine.publishing() as database:
        now = store.served(database)
        if now and not allow_older:
            checks.refuse_older(origin, served_at=now.generated_at)
        tracks, users = known_tracks(lake), known_users(lake)
        generation = store.begin(database, now)
        with Listening(lake, tracks=tracks, users=users, recommended=origin.rows) as listening:
            lists = {
                source.table.name: _write(database, source, generation, now)
                for source in sources(lake, recommendations, tracks=tracks, listening=listening)
            }
            recommended = lists[RECOMMENDATIONS.name].profile
            checks.refuse_short(lake, recommended, users=users, tracks=len(tracks))
            checks.refuse_heard(listening.repeated)
        is_new = now is None or not _is_served(origin, now, lists)
        if now and not is_new:
            generation = now.generation
        else:
            _show(database, origin, lists, generation=generation, keep=keep)
            database.commit()
    result = PublishResult(
        users=len(lists[RECOMMENDATIONS.name].profile),
        rows=lists[RECOMMENDATIONS.name].rows,
        rows_written=sum(written.rows_written for written in lists.values()),
        seconds=time.monotonic() - started,
        is_new=is_new,
        generation=generation,
        model_version=origin.model_version,
        location=engine.location,
    )
    extra = {f"medley.{name}": value for name, value in asdict(result).items()}
    extra |= {"event.dataset": "publish", "event.action": "published"}
    logger.info("published %s recommendations", result.rows, extra=extra)
    return result


@dataclass(frozen=True)
class _Written:
    """A list table as it is in the new generation."""

    table: Table
    way: Way
    part: int
    rows_written: int
    profile: pa.Table

    @property
    def rows(self) -> int:
        return int(pc.sum(self.profile["length"]).as_py() or 0)


def _write(database: Database, source: Source, generation: int, now: store.Kept | None) -> _Written:
    """Bring a list table up to the new generation, and check it as far as that goes alone.

    Rows of which most differ are written and profiled in one pass; else they are compared first.
    """
    table = source.table
    served = store.fingerprints(database, table, now)
    hashed = once_each(hashes)
    sample = profile(islice(source.batches(), 1), table, hashed)
    if surely_many(sample, served):
        collected = Profile(table, hashed)
        plan = everything(sample)
        batches = collected.seen(source.noted())
        put = store.write(database, table, plan, batches, generation=generation, now=now)
        lists = collected.result()
        checks.refuse_gaps(lists, table=table, rows=source.rows)
    else:
        lists = profile(ahead(source.noted()), table, hashed)
        checks.refuse_gaps(lists, table=table, rows=source.rows)
        plan = changes(lists, served)
        batches = source.batches(plan.changed if plan.way == "amend" else None)
        put = store.write(database, table, plan, batches, generation=generation, now=now)
    checks.refuse_missing(table, put.seen, expected=source.rows)
    return _Written(table, plan.way, put.part, put.rows, lists.select(store.FINGERPRINTS))


def _is_served(origin: Origin, now: store.Kept, lists: dict[str, _Written]) -> bool:
    same_model = (now.model_version, now.generated_at) == (
        origin.model_version,
        origin.generated_at,
    )
    return same_model and all(written.way == "keep" for written in lists.values())


def _show(
    database: Database,
    origin: Origin,
    lists: dict[str, _Written],
    *,
    generation: int,
    keep: int,
) -> None:
    """Record the generation, point the readers to it, and let go of what is too old."""
    row: dict[str, Any] = {
        "generation": generation,
        "model_version": origin.model_version,
        "generated_at": origin.generated_at,
        "published_at": datetime.now(UTC),
        "user_count": len(lists[RECOMMENDATIONS.name].profile),
        "recommendation_count": lists[RECOMMENDATIONS.name].rows,
        "similar_track_count": lists[SIMILAR.name].rows,
        "popular_count": lists[POPULAR.name].rows,
    }
    row |= {f"{name}_part": written.part for name, written in lists.items()}
    store.record(database, row, {name: written.profile for name, written in lists.items()})
    database.show(generation)
    amended = [written.table for written in lists.values() if written.way == "amend"]
    store.expire(database, keep=keep, amended=amended)
