"""What visitors without an account see: the most heard tracks, overall and of each genre."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import arrow_schema, looked_up
from publish.heard import Heard
from publish.names import UNKNOWN_KEY
from publish.schema import OVERALL, POPULAR

TOP = 50


def popular_by_genre(lake: Path, *, tracks: pa.Table, heard: Heard, top: int = TOP) -> pa.Table:
    """The `top` tracks of each genre and of 'all', by listeners, then plays, then track_id.

    Unknown tracks, genres and users do not count. A genre that is itself called 'all' gives way
    to the overall list. `tracks` is what `publish.names.known_tracks` returns, `heard` what
    `publish.heard.Listening` found.
    """
    counted = tracks.append_column("listener_count", pa.array(heard.listeners))
    counted = counted.append_column("play_count", pa.array(heard.plays))
    counted = counted.filter(pc.field("listener_count") > 0)
    of_genre = _genres(lake)
    in_genre = looked_up(of_genre["track_key"], counted, by="track_key").append_column(
        "genre_name", of_genre["genre_name"]
    )
    overall = counted.append_column("genre_name", pa.repeat(OVERALL, len(counted)))
    listed = pa.concat_tables([overall, in_genre.filter(pc.is_valid(in_genre["track_key"]))])
    return _best(listed, top=top)


def _genres(lake: Path) -> pa.Table:
    """One row per track and genre name: track_key, genre_name."""
    bridge = gold.open_table(lake, "bridge_track_genre").whole()
    genres = gold.open_table(lake, "dim_genre").whole()
    genres = genres.filter(
        (pc.field("genre_key") != UNKNOWN_KEY) & (pc.field("genre_name") != OVERALL)
    )
    names = looked_up(bridge["genre_key"], genres, by="genre_key")["genre_name"]
    pairs = bridge.append_column("genre_name", names).select(["track_key", "genre_name"])
    return pairs.filter(pc.is_valid(names)).group_by(["track_key", "genre_name"]).aggregate([])


def _best(listed: pa.Table, *, top: int) -> pa.Table:
    """Number the tracks of each genre from 1 and keep the first `top`."""
    by_rank = listed.sort_by(
        [
            ("genre_name", "ascending"),
            ("listener_count", "descending"),
            ("play_count", "descending"),
            ("track_id", "ascending"),
        ]
    )
    genre = by_rank["genre_name"].combine_chunks().dictionary_encode().indices.to_numpy()
    rows = np.arange(len(genre))
    is_first = np.diff(genre, prepend=-1) != 0
    rank = rows - np.maximum.accumulate(np.where(is_first, rows, 0)) + 1
    ranked = by_rank.append_column("rank", pa.array(rank, pa.int64())).filter(rank <= top)
    return ranked.select(POPULAR.names).cast(arrow_schema(POPULAR))
