"""Publish: make a generation of recommendations visible to the frontend at once."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from publish import gold
from publish.arrow import arrow_schema
from publish.checks import Origin, Tally, origin_of, refuse_users_without_rows, tally_of
from publish.names import known_tracks, with_names
from publish.popular import popular_by_genre
from publish.schema import GENERATION, POPULAR, RECOMMENDATIONS
from publish.settings import default_url
from publish.url import engine_for

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublishResult:
    """What the frontend reads from now on; `location` never holds a password."""

    users: int
    rows: int
    seconds: float
    model_version: str
    location: str


def publish(*, lake: Path, url: str | None = None) -> PublishResult:
    """Write the current gold recommendations, with names, to the serving database.

    Args:
        lake: The folder that holds `gold/`.
        url: Where to; `sqlite:///<lake>/serving/medley.db` if not given.

    Raises:
        ServingUrlError: the URL is of no supported engine.
        GoldTableError: a gold table is missing or lacks a column.
        PublicationRefusedError: the generation is empty, mixed or incomplete.
        PublicationFailedError: the database could not take it.
        PublicationUnderWayError: somebody else is publishing to the same place.
        NotAServingDatabaseError: something that is not ours would be replaced.
        DatabaseUnreachableError: the server does not answer.

    Whatever is raised, what was served before still is.
    """
    started = time.monotonic()
    engine = engine_for(url or default_url(lake))
    recommendations = gold.open_table(lake, gold.RECOMMENDATIONS)
    origin = origin_of(recommendations)
    refuse_users_without_rows(lake, recommendations)
    tracks = known_tracks(lake)
    popular = popular_by_genre(lake, tracks=tracks)
    with engine.building() as building:
        building.write(RECOMMENDATIONS, with_names(recommendations, tracks=tracks))
        building.write(POPULAR, popular.to_batches())
        tally = tally_of(building, expected_rows=origin.rows)
        building.write(GENERATION, [_generation(origin, tally)])
        building.make_visible()
    result = PublishResult(
        users=tally.users,
        rows=tally.rows,
        seconds=time.monotonic() - started,
        model_version=origin.model_version,
        location=engine.location,
    )
    extra = {f"medley.{name}": value for name, value in asdict(result).items()}
    extra |= {"event.dataset": "publish", "event.action": "published"}
    logger.info("published %s recommendations", result.rows, extra=extra)
    return result


def _generation(origin: Origin, tally: Tally) -> pa.RecordBatch:
    row = {
        "model_version": origin.model_version,
        "generated_at": origin.generated_at,
        "published_at": datetime.now(UTC),
        "user_count": tally.users,
        "recommendation_count": tally.rows,
    }
    return pa.RecordBatch.from_pylist([row], schema=arrow_schema(GENERATION))
