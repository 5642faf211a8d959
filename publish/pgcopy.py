"""Arrow batches as PostgreSQL's binary COPY stream, without a Python object per row.

Format: https://www.postgresql.org/docs/current/sql-copy.html. All values are big-endian. What is of
fixed size between two texts is a NumPy record; Arrow joins these records and the texts row by row,
and the bytes of the joined array are the stream.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from publish.arrow import once_each, place_of
from publish.pgtext import REPLACEMENT

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NUL = re.compile(b"\0")
SIZES = {">i4": 4, ">f8": 8}
Field = tuple[str, Any]
Described = Callable[..., Any]
Column = Any  # an Arrow array; the stubs know less of it than it can do


def encoder(*constants: int) -> Callable[[pa.RecordBatch], memoryview]:
    """Turns batches into rows as COPY takes them, each after the constants (int4).

    Text becomes text, integers int4, floats float8. What batches share as dictionaries is turned
    once; where several columns have the same indices, it is joined once too.
    """
    described = once_each(_described)
    first: list[Field] = []
    for constant in constants:
        first += [(">i4", 4), (">i4", constant)]

    def encoded(batch: pa.RecordBatch) -> memoryview:
        width = (">i2", len(constants) + batch.num_columns)
        joined = _joined([width, *first], batch.columns, described)
        start, end = np.frombuffer(joined.buffers()[1], np.int64)[[0, len(batch)]]
        return memoryview(joined.buffers()[2])[int(start) : int(end)]

    return encoded


def stream(batches: Iterable[pa.RecordBatch], *constants: int) -> Iterator[memoryview | bytes]:
    """A whole COPY stream, a piece for each batch."""
    encoded = encoder(*constants)
    yield SIGNATURE
    for batch in batches:
        yield encoded(batch)
    yield TRAILER


def _joined(fixed: list[Field], columns: Iterable[Column], described: Described) -> Column:
    """The fields of each row as one value: those that are fixed first, then the columns."""
    pieces: list[Column] = []
    rows = 0
    for _, alike in groupby(columns, _indices):
        column, *others = alike
        rows = len(column)
        if pa.types.is_dictionary(column.type):
            fields = described(column.dictionary, *[other.dictionary for other in others])
            pieces += [_records(fixed, rows)] if fixed else []
            pieces.append(fields.take(pc.fill_null(column.indices, len(fields) - 1)))
            fixed = []
        elif pa.types.is_string(column.type):
            texts = _storable(column)
            lengths: Any = pc.binary_length(texts)
            lengths = pc.fill_null(lengths, -1).to_numpy(zero_copy_only=False)
            pieces += [_records([*fixed, (">i4", lengths)], rows), _bytes(texts)]
            fixed = []
        else:
            kind = ">f8" if pa.types.is_floating(column.type) else ">i4"
            if column.null_count:  # a null has no bytes, so it cannot be of fixed size
                pieces += [_records(fixed, rows)] if fixed else []
                pieces.append(_nullable(column, kind))
                fixed = []
            else:
                fixed = [
                    *fixed,
                    (">i4", SIZES[kind]),
                    (kind, column.to_numpy(zero_copy_only=False)),
                ]
    if fixed:
        pieces.append(_records(fixed, rows))
    nothing: Any = pa.scalar(b"", pa.large_binary())
    return pc.binary_join_element_wise(*pieces, nothing)


def _indices(column: Column) -> object:
    """The same for neighbours that are dictionary arrays over the same indices."""
    if not pa.types.is_dictionary(column.type):
        return object()
    return (len(column.dictionary), *place_of(column.indices))


def _described(*dictionaries: Column) -> Column:
    """The fields of each entry; those of a row that has none are added at the end."""
    nulls = pa.array([b"\xff\xff\xff\xff" * len(dictionaries)], pa.large_binary())
    return pa.concat_arrays([_joined([], dictionaries, _described), nulls])


def _records(fields: list[Field], rows: int) -> Column:
    kinds = [(f"f{place}", kind) for place, (kind, _) in enumerate(fields)]
    records = np.empty(rows, dtype=kinds)
    for (name, _), (_, values) in zip(kinds, fields, strict=True):
        records[name] = values
    ends = np.arange(rows + 1, dtype=np.int64) * records.dtype.itemsize
    buffers = [None, pa.py_buffer(ends.data), pa.py_buffer(records.view(np.uint8).data)]
    return pa.Array.from_buffers(pa.large_binary(), rows, buffers)


def _nullable(column: Column, kind: str) -> Column:
    """Length and value of a column with nulls; a null is the length -1 and no value."""
    values = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)
    present = _records([(">i4", SIZES[kind]), (kind, values)], len(column))
    absent = pa.scalar(b"\xff\xff\xff\xff", pa.large_binary())
    return pc.if_else(pc.is_null(column), absent, present)


def _storable(texts: Column) -> Column:
    data = texts.buffers()[2]
    if data is None or not NUL.search(data):
        return texts
    return pc.replace_substring(texts, pattern="\0", replacement=REPLACEMENT)


def _bytes(texts: Column) -> Column:
    nothing: Any = b""
    return pc.fill_null(texts.cast(pa.large_binary()), nothing)
