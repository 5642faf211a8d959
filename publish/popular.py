"""What visitors without an account see: the most heard tracks, overall and of each genre."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import arrow_schema, grouped, looked_up
from publish.names import UNKNOWN_KEY
from publish.schema import OVERALL, POPULAR

TOP = 50
LISTENS_AT_ONCE = 4_000_000


def popular_by_genre(
    lake: Path, *, tracks: pa.Table, top: int = TOP, at_once: int = LISTENS_AT_ONCE
) -> pa.Table:
    """The `top` tracks of each genre and of 'all', by listeners, then plays, then track_id.

    Unknown tracks, genres and users do not count. A genre that is itself called 'all' gives way
    to the overall list. `tracks` is what `publish.names.known_tracks` returns;
    memory grows with `at_once`, about 80 bytes a listen, time with how often it goes into all.
    """
    heard = _heard(lake, tracks=tracks, at_once=at_once)
    of_genre = _genres(lake)
    in_genre = looked_up(of_genre["track_key"], heard, by="track_key").append_column(
        "genre_name", of_genre["genre_name"]
    )
    overall = heard.append_column("genre_name", pa.repeat(OVERALL, len(heard)))
    listed = pa.concat_tables([overall, in_genre.filter(pc.is_valid(in_genre["track_key"]))])
    return _best(listed, top=top)


def _heard(lake: Path, *, tracks: pa.Table, at_once: int) -> pa.Table:
    """One row per known track that a known user heard: its names, listeners and plays."""
    counts = _counts(gold.open_table(lake, "fct_listen_history"), at_once=at_once)
    heard = looked_up(counts["track_key"], tracks, by="track_key")
    for name in ("listener_count", "play_count"):
        heard = heard.append_column(name, counts[name])
    return heard.filter(pc.is_valid(heard["track_key"]))


def _counts(listens: gold.GoldTable, *, at_once: int) -> pa.Table:
    """Distinct users and plays per track, a share of the users at a time.

    A user is in one share only, so the shares add up; keys are hashes, so the last bits are even.
    """
    known = (pc.field("track_key") != UNKNOWN_KEY) & (pc.field("user_key") != UNKNOWN_KEY)
    last_bits = (1 << (listens.dataset.count_rows() // at_once).bit_length()) - 1
    shares = [
        grouped(
            listens,
            keys=["track_key"],
            sums=[
                ("user_key", "count_distinct", "listener_count"),
                ("play_count", "sum", "play_count"),
            ],
            where=known & (pc.bit_wise_and(pc.field("user_key"), pc.scalar(last_bits)) == share),
        )
        for share in range(last_bits + 1)
    ]
    counts = pa.concat_tables(shares).group_by("track_key")
    added = counts.aggregate([("listener_count", "sum"), ("play_count", "sum")])
    return added.rename_columns(["track_key", "listener_count", "play_count"])


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
