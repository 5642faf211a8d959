"""Names for the identifiers: what a reader of the serving database sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import looked_up
from publish.schema import Table

UNKNOWN_KEY = -1
NAMES = ("track_name", "artist_name", "album_title")


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
    track: str,
    subjects: pa.Array[Any] | None = None,
) -> Iterator[pa.RecordBatch]:
    """The rows of a served list table, a batch at a time.

    What belongs to a track is a dictionary array over `tracks`, the same for every batch, so that
    nothing is done for each row that could be done for each track.

    Args:
        rows: The gold table.
        tracks: What `known_tracks` returns.
        table: The served table.
        track: The column that holds the identifier of the listed track.
        subjects: Whose lists; all if not given.
    """
    dictionaries: dict[str, pa.Array[Any]] = {
        name: _one_array(tracks[name]) for name in ("track_id", *NAMES)
    }
    for batch in rows.batches([name for name in table.names if name not in NAMES]):
        if subjects is not None:
            batch = batch.filter(pc.is_in(batch.column(table.subject), value_set=subjects))
        places = pc.index_in(batch.column(track), value_set=dictionaries["track_id"])
        columns = []
        for name in table.names:
            if name in NAMES:
                column = _named(places, dictionaries[name])
            elif name == track and not places.null_count:
                column = _named(places, dictionaries["track_id"])
            else:
                column = batch.column(name)
            columns.append(column)
        yield pa.RecordBatch.from_arrays(columns, table.names)


def _one_array(column: pa.ChunkedArray[Any]) -> Any:
    """Not copied if it is one already: so each call of `with_names` gives the same dictionary."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _named(places: pa.Array[Any], dictionary: pa.Array[Any]) -> pa.Array[Any]:
    return pa.DictionaryArray.from_arrays(places, dictionary)
