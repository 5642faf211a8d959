"""What must hold before a generation becomes visible."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import found_in, one_array
from publish.errors import PublicationRefusedError
from publish.fingerprint import in_order
from publish.schema import Table
from publish.unheard import unheard_count

logger = logging.getLogger(__name__)

STAYS = "what is served stays as it is"
TRAIN = f"run `medley train`; {STAYS}"


@dataclass(frozen=True)
class Origin:
    """Which model made the recommendations in gold, when, and how many."""

    model_version: str
    generated_at: datetime
    rows: int


def origin_of(recommendations: gold.GoldTable) -> Origin:
    """The one generation that gold holds.

    Raises:
        PublicationRefusedError: gold holds no recommendations, or those of several models.
    """
    versions, moments = (
        recommendations.distinct(name).to_pylist() for name in ("model_version", "generated_at")
    )
    where = recommendations.folder
    if not versions:
        raise PublicationRefusedError(f"{where} is empty; {TRAIN}")
    if None in versions or None in moments:
        raise PublicationRefusedError(
            f"{where} does not say which model made it, and when; {TRAIN}"
        )
    if len(versions) > 1:
        named = ", ".join(sorted(map(str, versions)))
        raise PublicationRefusedError(f"{where} mixes the models {named}; {TRAIN}")
    rows = recommendations.dataset.count_rows()
    latest = max(moment for moment in moments if moment)
    return Origin(str(versions[0]), latest, rows)


def refuse_older(origin: Origin, *, served_at: datetime) -> None:
    """What is published was made no earlier than what is served.

    Raises:
        PublicationRefusedError: it was, and says how to publish it all the same.
    """
    if origin.generated_at < served_at:
        raise PublicationRefusedError(
            f"the recommendations in gold were made at {origin.generated_at:%Y-%m-%d %H:%M:%S} UTC,"
            f" before those that are served ({served_at:%Y-%m-%d %H:%M:%S} UTC);"
            f" run `medley train`, or publish them all the same with --allow-older; {STAYS}"
        )


def refuse_gaps(lists: pa.Table, *, table: Table, rows: int) -> None:
    """All rows have a place, and the ranks of a list are 1, 2, 3 ..., each once.

    Args:
        lists: What `publish.fingerprint.profile` returns.
        table: The table they are of, for the text.
        rows: How many rows gold has.

    Raises:
        PublicationRefusedError: names one of the lists.
    """
    nameless = lists.filter(pc.is_null(pc.field("subject")))
    if len(nameless):
        raise PublicationRefusedError(f"{table.name}: a {table.subject} is missing; {TRAIN}")
    ranked = pc.sum(lists["length"]).as_py() or 0
    if ranked != rows:
        raise PublicationRefusedError(
            f"{table.name}: a rank is missing in {rows - ranked} of {rows} rows; {TRAIN}"
        )
    wanted = in_order(lists["length"].to_numpy())
    gapped = lists.filter(pa.array(lists["ranks"].to_numpy() != wanted))
    if len(gapped):
        raise PublicationRefusedError(
            f"{table.name}: the ranks of {len(gapped)} lists are not 1, 2, 3 ..., those of"
            f" {gapped['subject'][0].as_py()!r} among them; {TRAIN}"
        )


def refuse_heard(repeated: tuple[str, str] | None) -> None:
    """No user is recommended a track heard already.

    Args:
        repeated: A user and a track for which that is so; None if it is so for none.

    Raises:
        PublicationRefusedError: names the two.
    """
    if repeated:
        user, track = repeated
        raise PublicationRefusedError(
            f"user {user!r} is recommended track {track!r}, heard already; {TRAIN}"
        )


def refuse_short(lake: Path, lists: pa.Table, *, users: pa.Table | None, tracks: int) -> None:
    """Every known user has a full list: as long as the longest, or all there is left to hear.

    Args:
        lake: The folder that holds `gold/`.
        lists: What `publish.fingerprint.profile` returns for the recommendations.
        users: What `publish.names.known_users` returns; without it, nothing is checked.
        tracks: How many tracks are known.

    Raises:
        PublicationRefusedError: names one of the users.
    """
    if users is None:
        logger.warning("no dim_user: missing, short and heard recommendations go unnoticed")
        return
    places = found_in(users["user_id"], one_array(lists["subject"]))
    lengths: Any = lists["length"].take(places)
    lengths = pc.fill_null(lengths, 0)
    full = pc.max(lists["length"]).as_py()
    is_short = pc.less(lengths, full)
    short = users.filter(is_short)["user_id"].combine_chunks()
    if not len(short):
        return
    left = unheard_count(lake, short, users=users, tracks=tracks)
    lengths = lengths.filter(is_short).to_numpy()
    wronged = short.filter(pa.array((lengths < full) & (lengths < left)))
    if len(wronged):
        raise PublicationRefusedError(
            f"{len(wronged)} known users have no full list of {full} recommendations,"
            f" {wronged[0].as_py()!r} among them; {TRAIN}"
        )


def refuse_missing(table: Table, written: int, *, expected: int) -> None:
    """All rows of gold have arrived.

    Raises:
        PublicationRefusedError: rows are missing.
    """
    if written != expected:
        raise PublicationRefusedError(
            f"{table.name}: {written} of {expected} rows were written; {STAYS}"
        )
