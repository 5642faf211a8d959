"""The least that loading the same rows can take: one bare transaction, one bare COPY and its index.

Nothing is compared or checked. The rows are those that are served, names included. The former rows
are there until the new ones are, as readers need them, and go when the clock has stopped; were they
gone before, the new ones would take the memory they leave, which is quicker than to find some. The
table `floor` stays, to be looked things up in.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from publish.gold import open_table
from publish.names import RECOMMENDED_NAMES, known_tracks, with_names
from publish.pgcopy import stream
from publish.schema import RECOMMENDATIONS

BATCH = 131_072
TABLE = """
create table {name} (user_id text{collate} not null, rank integer not null, track_id text not null,
track_name text, artist_name text, album_title text, score double precision,
reason text not null, because_track_id text, because_track_name text, because_artist_name text{key})
"""


def write_rows(lake: Path, folder: Path) -> None:
    """The served rows of the recommendations as Parquet, and as the bytes of a COPY."""
    served = with_names(
        open_table(lake, "recommendations"),
        tracks=known_tracks(lake),
        table=RECOMMENDATIONS,
        named=RECOMMENDED_NAMES,
    )
    folder.mkdir()
    for number, batch in enumerate(served):
        columns = [
            column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
            for column in batch.columns
        ]
        table = pa.table(columns, names=RECOMMENDATIONS.names)
        pq.write_table(table, folder / f"part-{number:05}.parquet", compression="zstd")
    with (folder / "copy.bin").open("wb") as file:
        for piece in stream(_batches(folder)):
            file.write(piece)


def _batches(folder: Path) -> Iterator[pa.RecordBatch]:
    files = sorted(map(str, folder.glob("*.parquet")))
    yield from ds.dataset(files, format="parquet").to_batches(batch_size=BATCH, batch_readahead=4)


def sqlite(folder: Path, target: Path) -> float:
    """Parquet to SQLite in one transaction, without a journal and without waiting for the disk."""
    coming = target.with_suffix(".coming")
    started = time.perf_counter()
    with closing(sqlite3.connect(coming, isolation_level=None)) as connection:
        for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -65536"):
            connection.execute(f"pragma {pragma}").fetchall()
        key = ", primary key (user_id, rank)"
        table = TABLE.format(name="floor", collate="", key=key)
        connection.execute(f"{table} without rowid")
        marks = ", ".join("?" * len(RECOMMENDATIONS.names))
        connection.execute("begin")
        for batch in _batches(folder):
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            connection.executemany(f"insert into floor values ({marks})", rows)  # noqa: S608
        connection.execute("commit")
    taken = time.perf_counter() - started
    coming.replace(target)
    return taken


def postgresql(folder: Path, url: str) -> float:
    """A binary COPY of bytes that are there, then the primary key, in one transaction."""
    with psycopg.connect(url) as connection:
        started = time.perf_counter()
        table = TABLE.format(name="coming", collate=' collate "C"', key="")
        connection.execute(f"{table} with (autovacuum_enabled = false)")  # not during what follows
        copy_in = "copy coming from stdin (format binary)"
        with (folder / "copy.bin").open("rb") as file, connection.cursor().copy(copy_in) as copy:
            while piece := file.read(1 << 20):
                copy.write(piece)
        connection.execute("alter table coming add primary key (user_id, rank)")
        connection.commit()
        taken = time.perf_counter() - started
        connection.execute("drop table if exists floor")
        connection.execute("alter table coming rename to floor")
        return taken
