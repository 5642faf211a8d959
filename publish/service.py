"""Publish: make a generation of recommendations visible to the frontend at once."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from publish import checks, gold, store
from publish.changes import Changes, changes
from publish.checks import Origin
from publish.engine import Database
from publish.fingerprint import profile
from publish.schema import RECOMMENDATIONS
from publish.settings import KEPT, default_url
from publish.sources import Sources, sources
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
    *, lake: Path, url: str | None = None, keep: int = KEPT, allow_older: bool = False
) -> PublishResult:
    """Write the current gold recommendations, with names, to the serving database.

    Args:
        lake: The folder that holds `gold/`.
        url: Where to; `sqlite:///<lake>/serving/medley.db` if not given.
        keep: How many generations are kept, the new one among them.
        allow_older: Publish even what was made before that which is served.

    Raises:
        ServingUrlError: the URL is of no supported engine.
        GoldTableError: a gold table is missing or lacks a column.
        PublicationRefusedError: the generation is empty, mixed, unfit or too old.
        PublicationFailedError: the database could not take it.
        PublicationUnderWayError: somebody else is publishing to the same place.
        NotAServingDatabaseError: something that is not ours would be replaced.
        DatabaseUnreachableError: the server does not answer.

    Whatever is raised, what was served before still is.
    """
    started = time.monotonic()
    engine = engine_for(url or default_url(lake))
    recommendations = gold.open_table(lake, gold.RECOMMENDATIONS)
    origin = checks.origin_of(recommendations)
    with engine.publishing() as database:
        now = store.served(database)
        if now and not allow_older:
            checks.refuse_older(origin, served_at=now.generated_at)
        new = sources(lake, recommendations)
        lists = _fit_lists(new)
        checks.refuse_unfit_lists(
            lake, recommendations, lists[RECOMMENDATIONS.name], tracks=new.tracks
        )
        plans = {
            source.table.name: changes(
                lists[source.table.name], store.fingerprints(database, source.table, now)
            )
            for source in new
        }
        is_new = now is None or not _is_served(origin, now, plans)
        if now and not is_new:
            generation, written = now.generation, 0
        else:
            generation, written = _write(database, origin, new, lists, plans, now=now, keep=keep)
            database.commit()
    result = PublishResult(
        users=len(lists[RECOMMENDATIONS.name]),
        rows=new.recommendations.rows,
        rows_written=written,
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


def _fit_lists(new: Sources) -> dict[str, pa.Table]:
    """A profile of each list table, each checked for gaps."""
    lists = {}
    for source in new:
        found = lists[source.table.name] = profile(source.batches(), source.table)
        checks.refuse_gaps(found, table=source.table, rows=source.rows)
    return lists


def _is_served(origin: Origin, now: store.Kept, plans: dict[str, Changes]) -> bool:
    same_model = (now.model_version, now.generated_at) == (
        origin.model_version,
        origin.generated_at,
    )
    return same_model and all(plan.way == "keep" for plan in plans.values())


def _write(
    database: Database,
    origin: Origin,
    new: Sources,
    lists: dict[str, pa.Table],
    plans: dict[str, Changes],
    *,
    now: store.Kept | None,
    keep: int,
) -> tuple[int, int]:
    """Write what differs and point the readers to it; returns the generation and the rows."""
    generation = store.begin(database, now)
    row: dict[str, Any] = {
        "generation": generation,
        "model_version": origin.model_version,
        "generated_at": origin.generated_at,
        "published_at": datetime.now(UTC),
        "user_count": len(lists[RECOMMENDATIONS.name]),
        "recommendation_count": new.recommendations.rows,
        "similar_track_count": new.similar.rows,
        "popular_count": new.popular.rows,
    }
    written = 0
    for source in new:
        table, plan = source.table, plans[source.table.name]
        part, rows = store.write(
            database, table, plan, source.batches(), generation=generation, now=now
        )
        arrived = store.count(database, table, part, generation=generation)
        checks.refuse_missing(table, arrived, expected=source.rows)
        row[f"{table.name}_part"] = part
        written += rows
    store.record(database, row, lists)
    database.show(generation)
    amended = [source.table for source in new if plans[source.table.name].way == "amend"]
    store.expire(database, keep=keep, amended=amended)
    return generation, written
