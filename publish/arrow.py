"""Small relational steps over Arrow data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.acero as acero
import pyarrow.compute as pc

from publish.gold import GoldTable, reading
from publish.schema import Kind, Table

Made = TypeVar("Made")
EVERY_ROW = pc.scalar(True)
VALUES_AT_ONCE = 100_000
MOST_PARTS = 8  # each looks all keys up
ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "real": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def arrow_schema(table: Table) -> pa.Schema:
    """The schema of the batches that are written to a served table."""
    return pa.schema([(column.name, ARROW[column.kind]) for column in table.columns])


def once_each(make: Callable[..., Made]) -> Callable[..., Made]:
    """`make`, done once for each dictionary, or several, that many batches share."""
    made: dict[tuple[int, ...], tuple[tuple[pa.Array[Any], ...], Made]] = {}

    def once(*dictionaries: pa.Array[Any]) -> Made:
        key = tuple(number for dictionary in dictionaries for number in place_of(dictionary))
        if key not in made:  # what is held keeps its address to itself
            made[key] = (dictionaries, make(*dictionaries))
        return made[key][1]

    return once


def place_of(array: pa.Array[Any]) -> tuple[int, ...]:
    """The same for arrays that are one in memory."""
    buffers = [buffer.address if buffer else 0 for buffer in array.buffers()]
    return (len(array), array.offset, *buffers)


def one_array(column: Any) -> Any:
    """The column as one array: not copied if it is one already, and so the same at each call."""
    if isinstance(column, pa.Array):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def gathered(batches: Iterable[pa.RecordBatch], *, rows: int) -> Iterator[list[pa.RecordBatch]]:
    """The batches, at a time as many as have at least so many rows; the last have what is left."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= rows:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def run_starts(column: pa.Array[Any]) -> npt.NDArray[np.int64]:
    """Where a value begins that differs from the one before; each null begins anew."""
    if not len(column):
        return np.empty(0, np.int64)
    differs: Any = pc.not_equal(column.slice(1), column.slice(0, len(column) - 1))
    changed = pc.fill_null(differs, True).to_numpy(zero_copy_only=False)
    return np.flatnonzero(np.append(True, changed))


def found_in(keys: Any, values: pa.Array[Any]) -> Any:
    """Where in `values` each key is, the first of them that are equal; null where there is none.

    What Arrow makes of the values to look them up is several times as large as they are; so it is
    made of a part of them at a time.
    """
    at_once = max(VALUES_AT_ONCE, -(-len(values) // MOST_PARTS))
    found: Any = pc.index_in(keys, value_set=values.slice(0, at_once), skip_nulls=True)
    for start in range(at_once, len(values), at_once):
        part = values.slice(start, at_once)
        more: Any = pc.index_in(keys, value_set=part, skip_nulls=True)
        found = pc.coalesce(found, pc.add(more, pa.scalar(start, pa.int32())))
    return found


def looked_up(keys: pa.Array[Any] | pa.ChunkedArray[Any], table: pa.Table, *, by: str) -> pa.Table:
    """The row of `table` for each key, in the order of the keys; nulls where there is none.

    One row per key whatever happens: of rows with the same key, the first counts.
    """
    return table.take(found_in(keys, one_array(table.column(by))))


def grouped(
    table: GoldTable,
    *,
    keys: list[str],
    sums: Iterable[tuple[str, str, str]] = (),
    where: pc.Expression = EVERY_ROW,
) -> pa.Table:
    """Group a gold table without holding it in memory; only the groups are.

    Args:
        table: What to read; only the columns named here are.
        keys: The columns that make a group.
        sums: (column, Arrow hash aggregate, name of the result).
        where: Rows to keep.

    Raises:
        GoldTableError: a file cannot be read.
    """
    sums = list(sums)
    names = dict.fromkeys([*keys, *(column for column, _, _ in sums)])
    needed = {name: pc.field(name).cast(table.schema.field(name).type) for name in names}
    aggregates: list[Any] = [(column, f"hash_{how}", None, name) for column, how, name in sums]
    scan = acero.ScanNodeOptions(table.dataset, filter=where)  # type: ignore[attr-defined]
    steps = [
        acero.Declaration("scan", scan),
        acero.Declaration("filter", acero.FilterNodeOptions(where)),
        acero.Declaration("project", acero.ProjectNodeOptions([*needed.values()], [*needed])),
        acero.Declaration("aggregate", acero.AggregateNodeOptions(aggregates, keys=[*keys])),
    ]
    with reading(table.folder):
        return acero.Declaration.from_sequence(steps).to_table()
