"""A publication in SQLite: one transaction on the file that readers have open, in WAL mode."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from publish.errors import PublicationFailedError, PublicationRefusedError
from publish.layout import GENERATIONS, SERVED, SINCE, UNTIL, part_name, stored, stored_key, visible
from publish.schema import GENERATION, LISTS, Column, Kind, Table

if TYPE_CHECKING:
    import pyarrow as pa  # not at run time: reading does without it

# ruff: noqa: S608 - the names in these statements are the layout's own
TYPES: dict[Kind, str] = {"text": "text", "integer": "integer", "real": "real", "timestamp": "text"}


def create_table(name: str, columns: Sequence[Column], key: Sequence[str] = ()) -> str:
    """The DDL of a table; a key makes it `without rowid`, one lookup per read."""
    lines = [
        f"    {column.name} {TYPES[column.kind]}{'' if column.nullable else ' not null'}"
        for column in columns
    ]
    if not key:
        return f"create table {name} (\n{_joined(lines)}\n)"
    lines.append(f"    primary key ({', '.join(key)})")
    return f"create table {name} (\n{_joined(lines)}\n) without rowid"


def create_view(table: Table, source: str, where: str) -> str:
    """The DDL of what readers see, with the notes of the schema."""
    columns = [
        f"    {column.name}{',' if place < len(table.columns) else ''}  -- {column.note}"
        for place, column in enumerate(table.columns, start=1)
    ]
    head = f"create view {table.name} as  -- {table.note}"
    return "\n".join([head, "select", *columns, f"from {source}", f"where {where}"])


def _joined(lines: list[str]) -> str:
    return ",\n".join(lines)


def create_layout(connection: sqlite3.Connection) -> None:
    """Make the tables that are there from the first generation on."""
    connection.execute(create_table("generations", GENERATIONS.columns, GENERATIONS.key))
    connection.execute(create_table("served", SERVED.columns))
    connection.execute(
        "create table fingerprints (generation integer not null, list text not null,"
        " data blob not null, primary key (generation, list))"
    )


def add_columns(connection: sqlite3.Connection) -> None:
    """Add to the parts what the schema has and they have not; null in the rows that are there."""
    for table in LISTS:
        for part in _parts(connection, table):
            found = connection.execute(f"pragma table_info({part})").fetchall()
            there = {name for _, name, *_ in found}
            for column in table.columns:
                if column.name not in there:
                    kind = TYPES[column.kind]
                    connection.execute(f"alter table {part} add column {column.name} {kind}")


def _parts(connection: sqlite3.Connection, table: Table) -> list[str]:
    prefix = part_name(table, 0)[:-1]
    found = connection.execute(
        "select name from sqlite_master where type = 'table' and substr(name, 1, ?) = ?",
        [len(prefix), prefix],
    )
    return [name for (name,) in found]


@dataclass(frozen=True)
class SqliteDatabase:
    """See `publish.engine.Database`; the connection is in a transaction."""

    connection: sqlite3.Connection
    location: str
    on_commit: Callable[[], None]

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """See `publish.engine.Database`; moments are written as ISO 8601, which sorts as time."""
        return self._run(sql, parameters).fetchall()

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """See `publish.engine.Database`."""
        return self._run(sql, parameters).rowcount

    def _run(self, sql: str, parameters: Sequence[object]) -> sqlite3.Cursor:
        values = [
            value.isoformat() if isinstance(value, datetime) else value for value in parameters
        ]
        return self.connection.execute(sql, values)

    def insert(
        self, table: Table, part: int, *, since: int, batches: Iterable[pa.RecordBatch]
    ) -> int:
        """See `publish.engine.Database`."""
        columns, marks = ", ".join(table.names), ", ".join("?" * len(table.names))
        insert = (
            f"insert into {part_name(table, part)} ({columns}, {SINCE})"
            f" values ({marks}, {int(since)})"
        )
        from publish.sqliterows import rows  # reading does without Arrow

        count = 0
        try:
            for some in rows(batches):
                count += self.connection.executemany(insert, some).rowcount
        except sqlite3.IntegrityError as error:
            raise PublicationRefusedError(
                f"{table.name}: a key is repeated or a value is missing ({error})"
            ) from error
        return count

    def stage(self, subjects: pa.Array[Any]) -> None:
        """See `publish.engine.Database`."""
        self.connection.execute("drop table if exists temp.staged")
        self.connection.execute("create temp table staged (subject text primary key) without rowid")
        values = ((subject,) for subject in subjects.to_pylist())
        self.connection.executemany("insert into staged values (?)", values)

    def create_part(self, table: Table, part: int) -> None:
        """See `publish.engine.Database`."""
        name = part_name(table, part)
        self.connection.execute(create_table(name, stored(table), stored_key(table)))
        ended = f"create index {name}_ended on {name} ({UNTIL}) where {UNTIL} is not null"
        self.connection.execute(ended)  # of the few: to expire them reads no others

    def complete_part(self, table: Table, part: int) -> None:
        """Nothing to add: the table is its key."""

    def drop_parts(self, table: Table, *, but: set[int]) -> None:
        """See `publish.engine.Database`."""
        prefix = part_name(table, 0)[:-1]
        for name in _parts(self.connection, table):
            if int(name.removeprefix(prefix)) not in but:
                self.connection.execute(f"drop table {name}")

    def show(self, generation: int) -> None:
        """Name the generation and its parts in the views; open statements follow by themselves."""
        [row] = self.query(
            f"select {', '.join(SERVED.names)} from generations where generation = ?", [generation]
        )
        self.connection.execute("delete from served")
        self.query(f"insert into served values ({', '.join('?' * len(row))})", row)
        parts = dict(zip(SERVED.names, row, strict=True))
        views = [(GENERATION, "generations", f"generation = {generation}")]
        for table in LISTS:
            part = part_name(table, parts[f"{table.name}_part"])
            views.append((table, part, visible(str(generation))))
        for table, source, where in views:
            self.connection.execute(f"drop view if exists {table.name}")
            self.connection.execute(create_view(table, source, where))

    def commit(self) -> None:
        """See `publish.engine.Database`."""
        try:
            self.connection.execute("commit")
        except sqlite3.Error as error:
            raise PublicationFailedError(f"cannot write {self.location}: {error}") from error
        self.on_commit()
