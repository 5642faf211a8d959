"""A number for each list, so that lists can be compared without reading them from the database.

A row's number mixes its columns in order, a list's is the sum of its rows'; so it does not matter
in which order, or in which file, the rows come. 64 bits: of 100 million lists that changed, the
chance that one goes unnoticed is 1 in 10^11.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from publish.arrow import once_each
from publish.schema import Table

Numbers = npt.NDArray[np.uint64]
ROWS_AT_ONCE = 1_000_000
NOTHING = np.uint64(0x9E3779B97F4A7C15)  # stands for a null
COLUMNS = ["subject", "fingerprint", "length", "first", "last"]
GROUPED: list[Any] = [("fingerprint", "sum"), ("rank", "count"), ("rank", "min"), ("rank", "max")]


def profile(batches: Iterable[pa.RecordBatch], table: Table) -> pa.Table:
    """One row per list: subject, fingerprint, length (rows), first and last (rank).

    Memory grows with the lists, not with their rows. A null subject is a list as well.
    """
    hashed = once_each(_texts)
    totals: list[pa.Table] = []
    waiting: list[pa.Table] = []
    for batch in batches:
        numbers = _rows([batch.column(name) for name in table.names[1:]], hashed)
        columns = [batch.column(table.subject), batch.column("rank"), pa.array(numbers)]
        waiting.append(pa.table(columns, names=["subject", "rank", "fingerprint"]))
        if sum(map(len, waiting)) >= ROWS_AT_ONCE:
            totals.append(_lists(waiting))
            waiting = []
    totals.append(_lists(waiting))
    if len(totals) == 1:
        return totals[0]
    return _added(totals)


def _lists(rows: list[pa.Table]) -> pa.Table:
    if not rows:
        rows = [pa.table({"subject": pa.array([], pa.string()), "rank": pa.array([], pa.int64()),
                          "fingerprint": pa.array([], pa.uint64())})]  # fmt: skip
    return pa.concat_tables(rows).group_by("subject").aggregate(GROUPED).rename_columns(COLUMNS)


def _added(totals: list[pa.Table]) -> pa.Table:
    """A list whose rows came far apart is in several totals."""
    sums: list[Any] = [("fingerprint", "sum"), ("length", "sum"), ("first", "min"), ("last", "max")]
    return pa.concat_tables(totals).group_by("subject").aggregate(sums).rename_columns(COLUMNS)


def _rows(columns: Sequence[pa.Array[Any]], hashed: Any) -> Numbers:
    numbers = np.full(len(columns[0]), len(columns), dtype=np.uint64)
    for column in columns:
        numbers = _mixed(numbers ^ _values(column, hashed))
    return numbers


def _values(column: Any, hashed: Any) -> Numbers:
    if pa.types.is_string(column.type):
        column = column.dictionary_encode()
        numbers, places = _texts(column.dictionary), column.indices
    elif pa.types.is_dictionary(column.type):
        numbers, places = hashed(column.dictionary), column.indices
    else:
        plain = pc.fill_null(column, 0).to_numpy(zero_copy_only=False).view(np.uint64)
        return _without_nulls(plain, column)
    if not len(numbers):
        return np.full(len(column), NOTHING)
    return _without_nulls(numbers[pc.fill_null(places, 0).to_numpy()], places)


def _without_nulls(numbers: Numbers, column: Any) -> Numbers:
    if column.null_count:
        return np.where(pc.is_null(column).to_numpy(zero_copy_only=False), NOTHING, numbers)
    return numbers


def _texts(texts: pa.Array[Any]) -> Numbers:
    return np.fromiter(
        (
            NOTHING if text is None else xxhash.xxh3_64_intdigest(text.encode())
            for text in texts.to_pylist()
        ),
        dtype=np.uint64,
        count=len(texts),
    )


def _mixed(numbers: Numbers) -> Numbers:
    """The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every other."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
