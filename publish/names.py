"""Names for the identifiers: what a reader of the serving database sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import looked_up, one_array
from publish.schema import Table

UNKNOWN_KEY = -1
LOOKED_UP_AT_ONCE = 8  # batches
ALIKE = {name: name for name in ("track_name", "artist_name")}
LISTED = {**ALIKE, "album_title": "album_title"}
BECAUSE = {f"because_{name}": name for name in ALIKE}
RECOMMENDED_NAMES = {"track_id": LISTED, "because_track_id": BECAUSE}
SIMILAR_NAMES = {"similar_track_id": ALIKE}


def known_users(lake: Path) -> pa.Table | None:
    """One row per known user: user_key, user_id; None for a lake without dim_user."""
    if not gold.exists(lake, "dim_user"):
        return None
    users = gold.open_table(lake, "dim_user").whole()
    return users.filter(pc.field("user_key") != UNKNOWN_KEY).combine_chunks()


def known_tracks(lake: Path) -> pa.Table:
    """One row per known track: track_key, track_id, track_name, artist_name, album_title."""
    tracks = gold.open_table(lake, "dim_track").whole()
    tracks = tracks.filter(pc.field("track_key") != UNKNOWN_KEY)
    artists = gold.open_table(lake, "dim_artist").whole()
    albums = gold.open_table(lake, "dim_album").whole()
    return (
        tracks.append_column(
            "artist_name",
            looked_up(tracks["artist_key"], artists, by="artist_key")["artist_name"],
        )
        .append_column(
            "album_title", looked_up(tracks["album_key"], albums, by="album_key")["album_title"]
        )
        .drop_columns(["artist_key", "album_key"])
        .combine_chunks()
    )


def with_names(
    rows: gold.GoldTable,
    *,
    tracks: pa.Table,
    table: Table,
    named: Mapping[str, Mapping[str, str]],
    subjects: pa.Array[Any] | None = None,
) -> Iterator[pa.RecordBatch]:
    """The rows of a served list table, a batch at a time.

    What belongs to a track is a dictionary array over `tracks`, the same for every batch, so that
    nothing is done for each row that could be done for each track.

    Args:
        rows: The gold table.
        tracks: What `known_tracks` returns.
        table: The served table.
        named: For each column that identifies a track, which columns are served of it, and what
            `tracks` calls them.
        subjects: Whose lists; all if not given.
    """
    of_tracks: dict[str, pa.Array[Any]] = {
        name: one_array(tracks[name]) for name in ("track_id", *LISTED)
    }
    added = {name for columns in named.values() for name in columns}
    read = rows.batches([name for name in table.names if name not in added])
    while some := list(islice(read, LOOKED_UP_AT_ONCE)):
        if subjects is not None:
            some = [
                batch.filter(pc.is_in(batch.column(table.subject), value_set=subjects))
                for batch in some
            ]
        ids = [batch.column(track) for batch in some for track in named]
        places = _places(ids, of_tracks["track_id"])
        for batch in some:
            columns = {name: batch.column(name) for name in batch.schema.names}
            for track, names in named.items():
                found = next(places)
                if found.null_count == columns[track].null_count:
                    columns[track] = _named(found, of_tracks["track_id"])
                for name, source in names.items():
                    columns[name] = _named(found, of_tracks[source])
            yield pa.RecordBatch.from_arrays([columns[name] for name in table.names], table.names)


def _places(columns: list[Any], values: pa.Array[Any]) -> Iterator[Any]:
    """Where in `values` each value of each column is; a hash table of these is made once."""
    found: Any = pc.index_in(pa.chunked_array(columns), value_set=values, skip_nulls=True)
    ends = accumulate(map(len, columns), initial=0)
    joined = one_array(found)
    return (joined.slice(end, len(column)) for end, column in zip(ends, columns, strict=False))


def _named(places: pa.Array[Any], dictionary: pa.Array[Any]) -> pa.Array[Any]:
    return pa.DictionaryArray.from_arrays(places, dictionary)
