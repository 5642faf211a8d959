"""Names for the identifiers: what a reader of the serving database sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.arrow import looked_up
from publish.schema import RECOMMENDATIONS

UNKNOWN_KEY = -1


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
    )


def with_names(recommendations: gold.GoldTable, *, tracks: pa.Table) -> Iterator[pa.RecordBatch]:
    """The rows of the served table `recommendations`, a batch at a time."""
    for batch in recommendations.batches():
        named = looked_up(batch.column("track_id"), tracks, by="track_id")
        served = pa.Table.from_batches([batch])
        for name in ("track_name", "artist_name", "album_title"):
            served = served.append_column(name, named[name])
        yield from served.select(RECOMMENDATIONS.names).to_batches()
