"""What users have heard already, against what they are recommended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import grouped, looked_up
from publish.names import UNKNOWN_KEY

Pairs = npt.NDArray[np.int64]
PAIRS_AT_ONCE = 8_000_000
ROWS_AT_ONCE = 500_000
BOTH_KNOWN = (pc.field("track_key") != UNKNOWN_KEY) & (pc.field("user_key") != UNKNOWN_KEY)


def heard_recommendation(
    recommended: gold.GoldTable,
    listens: gold.GoldTable,
    *,
    users: pa.Table,
    tracks: pa.Table,
    at_once: int = PAIRS_AT_ONCE,
) -> tuple[str, str] | None:
    """A user_id and a track_id that is recommended to the user who has heard it; None is right.

    Args:
        recommended: user_id and track_id.
        listens: user_key and track_key.
        users: user_key and user_id of the known users.
        tracks: What `publish.names.known_tracks` returns.
        at_once: Recommendations held in memory, 8 bytes each; beyond, listens are read again.
    """
    shares = -(-recommended.dataset.count_rows() // at_once) or 1
    for share in range(shares):
        found = [
            pairs[pairs % shares == share]
            for pairs in _recommended(recommended, users=users, tracks=tracks)
        ]
        offered = np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)
        for heard in _heard(listens, users=users, tracks=tracks):
            repeated = _common(heard, offered)
            if len(repeated):
                user, track = divmod(int(repeated[0]), len(tracks))
                return users["user_id"][user].as_py(), tracks["track_id"][track].as_py()
    return None


def _recommended(table: gold.GoldTable, *, users: pa.Table, tracks: pa.Table) -> Iterator[Pairs]:
    for batch in table.batches(["user_id", "track_id"], rows=ROWS_AT_ONCE):
        yield _pairs(batch, users=users["user_id"], tracks=tracks["track_id"])


def _heard(table: gold.GoldTable, *, users: pa.Table, tracks: pa.Table) -> Iterator[Pairs]:
    for batch in table.batches(["user_key", "track_key"], rows=ROWS_AT_ONCE):
        yield _pairs(batch, users=users["user_key"], tracks=tracks["track_key"])


def _pairs(batch: pa.RecordBatch, *, users: Any, tracks: Any) -> Pairs:
    """A number for each row with a known user and a known track; the same pair, the same number."""
    user = pc.index_in(batch.column(0), value_set=users)
    track = pc.index_in(batch.column(1), value_set=tracks)
    known = pc.and_(pc.is_valid(user), pc.is_valid(track))
    places: list[Pairs] = [
        pc.filter(place, known).to_numpy().astype(np.int64) for place in (user, track)
    ]
    return places[0] * len(tracks) + places[1]


def _common(heard: Pairs, offered: Pairs) -> Pairs:
    """Which of `heard` are in `offered`, which is sorted."""
    if not len(offered):
        return heard[:0]
    heard = np.sort(heard)  # neighbours look in the same place: many times faster
    places = np.searchsorted(offered, heard)
    common: Pairs = heard[offered[np.minimum(places, len(offered) - 1)] == heard]
    return common


def unheard_count(lake: Path, user_ids: pa.Array[Any], *, users: pa.Table, tracks: int) -> Pairs:
    """For each user, how many of the `tracks` known tracks there are left to hear."""
    keys = looked_up(user_ids, users, by="user_id")["user_key"]
    listens = gold.open_table(lake, "fct_listen_history")
    theirs = BOTH_KNOWN & pc.field("user_key").isin(keys.drop_null())
    pairs = grouped(listens, keys=["user_key", "track_key"], where=theirs)
    heard = pairs.group_by("user_key").aggregate([([], "count_all")])
    counts: Any = looked_up(keys, heard, by="user_key")["count_all"]
    left: Pairs = tracks - pc.fill_null(counts, 0).to_numpy()
    return left
