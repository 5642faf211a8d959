"""The gold tables that are published: where they are and which columns are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from publish.errors import GoldTableError

BATCH_ROWS = 32_768  # what is made of them stays in the processor's cache

KEY, COUNT, TEXT = pa.int64(), pa.int64(), pa.string()
RECOMMENDATIONS, SIMILAR = "recommendations", "similar_tracks"
MODEL: dict[str, pa.DataType] = {
    "model_version": TEXT,
    "generated_at": pa.timestamp("us", tz="UTC"),
}
COLUMNS: dict[str, dict[str, pa.DataType]] = {
    RECOMMENDATIONS: {
        "user_id": TEXT,
        "rank": COUNT,
        "track_id": TEXT,
        "score": pa.float64(),
        "reason": TEXT,
        "because_track_id": TEXT,
        **MODEL,
    },
    SIMILAR: {
        "track_id": TEXT,
        "rank": COUNT,
        "similar_track_id": TEXT,
        "score": pa.float64(),
        **MODEL,
    },
    "dim_user": {"user_key": KEY, "user_id": TEXT},
    "dim_track": {
        "track_key": KEY,
        "track_id": TEXT,
        "track_name": TEXT,
        "artist_key": KEY,
        "album_key": KEY,
    },
    "dim_artist": {"artist_key": KEY, "artist_name": TEXT},
    "dim_album": {"album_key": KEY, "album_title": TEXT},
    "dim_genre": {"genre_key": KEY, "genre_name": TEXT},
    "bridge_track_genre": {"track_key": KEY, "genre_key": KEY},
    "fct_listen_history": {"track_key": KEY, "user_key": KEY, "play_count": COUNT},
}


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Name the folder in what goes wrong.

    Raises:
        GoldTableError: something did.
    """
    try:
        yield
    except (pa.ArrowException, OSError, KeyError) as error:
        raise GoldTableError(f"cannot read {folder}: {error}") from error


@dataclass(frozen=True)
class GoldTable:
    """One version of a gold table: its files are listed once, when it is opened."""

    folder: Path
    schema: pa.Schema
    dataset: ds.FileSystemDataset

    def batches(
        self, columns: Sequence[str] = (), *, rows: int = BATCH_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """The published columns, or some, at most `rows` rows at a time, in no particular order.

        One file after the other: a scan of the dataset reads ahead of who is slower, without end.
        """
        schema = self.schema
        if columns:
            schema = pa.schema([schema.field(name) for name in columns])
        with reading(self.folder):
            for batch in self._read(schema.names, rows=rows):
                yield batch.select(schema.names).cast(schema)

    def distinct(self, column: str) -> Any:
        """The values of a column, each once, as an array; texts are not made for each row."""
        kind = self.schema.field(column).type
        with reading(self.folder):
            batches = self._read([column], rows=BATCH_ROWS, as_dictionaries=[column])
            found = [pc.unique(batch.column(column)).cast(kind) for batch in batches]
            return pc.unique(pa.chunked_array(found, kind))

    def _read(
        self, columns: list[str], *, rows: int, as_dictionaries: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        for path in self.dataset.files:
            with pq.ParquetFile(path, read_dictionary=[*as_dictionaries]) as file:
                yield from file.iter_batches(batch_size=rows, columns=columns)

    def whole(self) -> pa.Table:
        """The published columns of all rows, in memory: for dimensions."""
        return pa.Table.from_batches(self.batches(), schema=self.schema).combine_chunks()


def exists(lake: Path, name: str) -> bool:
    """Whether the lake has this gold table."""
    return (lake / "gold" / name).is_dir()


def open_table(lake: Path, name: str) -> GoldTable:
    """Open `<lake>/gold/<name>`, following a link once so that a later switch changes nothing.

    Raises:
        GoldTableError: no folder, no Parquet file in it, or a published column is missing.
    """
    folder = lake / "gold" / name
    remedy = "run `medley train`"
    if name not in (RECOMMENDATIONS, SIMILAR):
        remedy = "run `medley build`, then `medley train`"
    if not folder.is_dir():
        raise GoldTableError(f"there is no {folder}; {remedy}")
    try:
        dataset = ds.dataset(folder.resolve(), format="parquet")
    except (pa.ArrowException, OSError) as error:
        raise GoldTableError(f"cannot read {folder}: {error}; {remedy}") from error
    if not dataset.files:
        raise GoldTableError(f"{folder} holds no Parquet file; {remedy}")
    missing = [column for column in COLUMNS[name] if column not in dataset.schema.names]
    if missing:
        raise GoldTableError(f"{folder} lacks the column {', '.join(missing)}; {remedy}")
    return GoldTable(folder=folder, schema=pa.schema(COLUMNS[name]), dataset=dataset)
