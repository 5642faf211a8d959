"""SQLite: one file, built beside the served one and swapped in with a rename."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publish.engine import Building, Query
from publish.errors import (
    NotAServingDatabaseError,
    NothingPublishedError,
    PublicationFailedError,
    PublicationRefusedError,
)
from publish.schema import GENERATION, TABLES, Kind, Table
from publish.swap import built_beside, swap_in

if TYPE_CHECKING:
    import pyarrow as pa  # not at run time: reading does without it

TYPES: dict[Kind, str] = {"text": "text", "integer": "integer", "real": "real", "timestamp": "text"}
# Nobody reads the file while it is built, and an unfinished one is thrown away: no journal.
BUILD_PRAGMAS = ("journal_mode = off", "synchronous = off", "locking_mode = exclusive")
CACHE_KIB = 131_072


def create_table(table: Table) -> str:
    """The DDL of a table, notes included; a key makes it `without rowid`, one lookup per read."""
    lines = [
        f"    {column.name} {TYPES[column.kind]}{'' if column.nullable else ' not null'},"
        f"  -- {column.note}"
        for column in table.columns
    ]
    if table.key:
        end = f"    primary key ({', '.join(table.key)})\n) without rowid"
    else:
        lines[-1] = lines[-1].replace(",  --", "  --", 1)
        end = ")"
    return "\n".join([f"create table {table.name} (  -- {table.note}", *lines, end])


def _rows(table: Table, batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    """The rows of a batch; timestamps as ISO 8601 text, which sorts as time does."""
    columns = [
        [moment.isoformat() if moment else None for moment in values.to_pylist()]
        if column.kind == "timestamp"
        else values.to_pylist()
        for column, values in zip(table.columns, batch.columns, strict=True)
    ]
    return zip(*columns, strict=True)


@dataclass(frozen=True)
class SqliteBuilding:
    """A generation in a file of its own, in one transaction."""

    connection: sqlite3.Connection
    building: Path
    target: Path

    def write(self, table: Table, batches: Iterable[pa.RecordBatch]) -> None:
        """See `publish.engine.Building`."""
        marks = ", ".join("?" * len(table.columns))
        insert = f"insert into {table.name} values ({marks})"  # noqa: S608 - names are ours
        try:
            for batch in batches:
                self.connection.executemany(insert, _rows(table, batch))
        except sqlite3.IntegrityError as error:
            raise PublicationRefusedError(
                f"{table.name}: a key is repeated or a value is missing ({error})"
            ) from error
        except sqlite3.Error as error:
            raise PublicationFailedError(f"cannot write {self.building}: {error}") from error

    def name_of(self, table: Table) -> str:
        """See `publish.engine.Building`."""
        return table.name

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """See `publish.engine.Building`."""
        return self.connection.execute(sql, parameters).fetchall()

    def make_visible(self) -> None:
        """See `publish.engine.Building`."""
        try:
            self.connection.execute("commit")
        except sqlite3.Error as error:
            raise PublicationFailedError(f"cannot write {self.building}: {error}") from error
        self.connection.close()
        swap_in(self.building, self.target)


@dataclass(frozen=True)
class SqliteEngine:
    """The serving database in one SQLite file."""

    path: Path

    @property
    def location(self) -> str:
        """The file."""
        return str(self.path)

    @contextmanager
    def building(self) -> Iterator[Building]:
        """See `publish.engine.Engine`; a link stays a link, what it points to is replaced."""
        target = self.path.resolve()
        if target.exists() and (target.is_dir() or target.stat().st_size):
            with self.reading():  # raises unless it is ours to replace
                pass
        with built_beside(target) as path:
            connection = sqlite3.connect(path, isolation_level=None)
            with closing(connection):
                for pragma in (*BUILD_PRAGMAS, f"cache_size = -{CACHE_KIB}"):
                    connection.execute(f"pragma {pragma}")
                connection.execute("begin")
                for table in TABLES:
                    connection.execute(create_table(table))
                yield SqliteBuilding(connection, path, target)

    @contextmanager
    def reading(self) -> Iterator[Query]:
        """See `publish.engine.Engine`; an open connection stays on the file it opened."""
        path = self.path.resolve()
        if not path.exists():
            raise NothingPublishedError(f"nothing is published at {path}; run `medley publish`")
        try:
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=0", uri=True)
            with closing(connection):
                connection.execute(f"select 1 from {GENERATION.name}")  # noqa: S608
                yield lambda sql, parameters=(): connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise NotAServingDatabaseError(
                f"{path} is not a serving database ({error}); move it away, then run"
                " `medley publish`, or name another one with --to"
            ) from error
