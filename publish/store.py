"""Generations in the tables of `publish.layout`: the steps of a publication, for both engines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from publish.changes import Changes
from publish.engine import Database
from publish.layout import GENERATIONS, SINCE, UNTIL, part_name
from publish.schema import LISTS, Table

# ruff: noqa: S608 - the names in these statements are the layout's own
FINGERPRINTS = ["subject", "fingerprint", "length"]
COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")


@dataclass(frozen=True)
class Kept:
    """A generation in the database, as far as a publication needs it."""

    generation: int
    model_version: str
    generated_at: datetime
    parts: dict[str, int]


@dataclass(frozen=True)
class Written:
    """Where a list table is in the new generation.

    Attributes:
        part: of the generation.
        rows: how many were written.
        seen: how many its readers will see, as the database has counted those it took.
    """

    part: int
    rows: int
    seen: int


def served(database: Database) -> Kept | None:
    """The generation that readers see; None before the first."""
    rows = database.query(
        f"select {', '.join(GENERATIONS.names)} from generations"
        " where generation = (select generation from served)"
    )
    return _kept(rows[0]) if rows else None


def before(database: Database, generation: int) -> int | None:
    """The newest kept generation that is older; None when there is none."""
    [(number,)] = database.query(
        "select max(generation) from generations where generation < ?", [generation]
    )
    return None if number is None else int(number)


def begin(database: Database, now: Kept | None) -> int:
    """Number a new generation; those that were rolled back give way to it."""
    [(last,)] = database.query("select max(generation) from generations")
    if now is not None and last > now.generation:
        for table in LISTS:
            part = part_name(table, now.parts[table.name])
            database.query(f"delete from {part} where {SINCE} > ?", [now.generation])
            database.query(f"update {part} set {UNTIL} = null where {UNTIL} > ?", [now.generation])
        for name in ("fingerprints", "generations"):
            database.query(f"delete from {name} where generation > ?", [now.generation])
    return (last or 0) + 1


def fingerprints(database: Database, table: Table, now: Kept | None) -> pa.Table | None:
    """Subject, fingerprint and length of each served list; None before the first generation."""
    if now is None:
        return None
    rows = database.query(
        "select data from fingerprints where generation = ? and list = ?",
        [now.generation, table.name],
    )
    return pa.ipc.open_file(pa.BufferReader(rows[0][0])).read_all() if rows else None


def write(
    database: Database,
    table: Table,
    changes: Changes,
    batches: Iterable[pa.RecordBatch],
    *,
    generation: int,
    now: Kept | None,
) -> Written:
    """Bring a list table up to the new generation.

    `batches` are all rows, or, where the part is amended, those of `changes.changed`.
    """
    if changes.way == "fill" or now is None:
        database.create_part(table, generation)
        rows = database.insert(table, generation, since=generation, batches=batches)
        database.complete_part(table, generation)
        return Written(generation, rows, rows)
    part = now.parts[table.name]
    if changes.way == "keep":
        return Written(part, 0, changes.rows)
    database.stage(changes.ended)
    ended = database.change(
        f"update {part_name(table, part)} set {UNTIL} = ? where {UNTIL} is null"
        f" and {table.subject} in (select subject from staged)",
        [generation],
    )
    rows = database.insert(table, part, since=generation, batches=batches)
    return Written(part, rows, changes.rows - ended + rows)


def record(database: Database, row: dict[str, Any], lists: dict[str, pa.Table]) -> None:
    """Add a generation to `generations`, and the fingerprints of its lists.

    Args:
        database: Where to.
        row: A value for each column of `generations`.
        lists: For each list table what `publish.fingerprint.profile` returned.
    """
    values = [row[name] for name in GENERATIONS.names]
    _insert(database, "generations", GENERATIONS.names, values)
    for name, profile in lists.items():
        sink = pa.BufferOutputStream()
        compact = profile.select(FINGERPRINTS)
        with pa.ipc.new_file(sink, compact.schema, options=COMPRESSED) as writer:
            writer.write_table(compact)
        data = sink.getvalue().to_pybytes()
        columns = ["generation", "list", "data"]
        _insert(database, "fingerprints", columns, [row["generation"], name, data])


def _insert(database: Database, table: str, columns: list[str], values: list[Any]) -> None:
    marks = ", ".join("?" * len(columns))
    database.query(f"insert into {table} ({', '.join(columns)}) values ({marks})", values)


def expire(database: Database, *, keep: int, amended: Iterable[Table]) -> None:
    """Keep the newest generations only, and of amended lists no row that none of them shows."""
    rows = database.query(
        f"select {', '.join(GENERATIONS.names)} from generations order by generation desc"
    )
    kept = [_kept(row) for row in rows[:keep]]
    oldest = kept[-1].generation
    for name in ("fingerprints", "generations"):
        database.query(f"delete from {name} where generation < ?", [oldest])
    for table in amended:
        part = part_name(table, kept[0].parts[table.name])
        if kept[0].parts[table.name] < oldest:  # a row that ended did so after the part was filled
            database.query(f"delete from {part} where {UNTIL} <= ?", [oldest])
    for table in LISTS:
        database.drop_parts(table, but={generation.parts[table.name] for generation in kept})


def _kept(row: tuple[Any, ...]) -> Kept:
    values = dict(zip(GENERATIONS.names, row, strict=True))
    moment = values["generated_at"]
    return Kept(
        generation=values["generation"],
        model_version=values["model_version"],
        generated_at=datetime.fromisoformat(moment) if isinstance(moment, str) else moment,
        parts={table.name: values[f"{table.name}_part"] for table in LISTS},
    )
