"""What there is left to hear: a list may be as short as that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import grouped, looked_up
from publish.names import UNKNOWN_KEY
from publish.shares import Numbers

TRACK_KNOWN = pc.field("track_key") != UNKNOWN_KEY


def unheard_count(lake: Path, user_ids: pa.Array[Any], *, users: pa.Table, tracks: int) -> Numbers:
    """For each user, how many of the `tracks` known tracks there are left to hear."""
    keys = looked_up(user_ids, users, by="user_id")["user_key"]
    listens = gold.open_table(lake, "fct_listen_history")
    theirs = TRACK_KNOWN & pc.field("user_key").isin(keys.drop_null())
    pairs = grouped(listens, keys=["user_key", "track_key"], where=theirs)
    heard = pairs.group_by("user_key").aggregate([([], "count_all")])
    counts: Any = looked_up(keys, heard, by="user_key")["count_all"]
    left: Numbers = tracks - pc.fill_null(counts, 0).to_numpy()
    return left
