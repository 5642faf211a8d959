"""Arrow batches as PostgreSQL's binary COPY stream, without a Python object per row.

Format: https://www.postgresql.org/docs/current/sql-copy.html. All values are big-endian. What is of
fixed size between two texts is a NumPy record; Arrow joins these records and the texts row by row,
and the bytes of the joined array are the stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NUL = re.compile(b"\0")
SIZES = {">i4": 4, ">f8": 8}
Field = tuple[str, Any]
Column = Any  # an Arrow array; the stubs know less of it than it can do


def storable(text: str) -> str:
    """PostgreSQL's text holds no NUL character: U+FFFD takes its place."""
    return text.replace("\0", "\ufffd")


def encoded(batch: pa.RecordBatch, *constants: int) -> memoryview:
    """The rows of a batch, each after the constants (int4), as COPY takes them.

    Text becomes text, integers int4, floats float8.
    """
    rows = len(batch)
    width = len(constants) + batch.num_columns
    fixed: list[Field] = [(">i2", width)]
    for constant in constants:
        fixed += [(">i4", 4), (">i4", constant)]
    pieces: list[Column] = []
    column: Column
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if pa.types.is_string(column.type):
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
                fixed += [(">i4", SIZES[kind]), (kind, column.to_numpy(zero_copy_only=False))]
    if fixed:
        pieces.append(_records(fixed, rows))
    nothing: Any = pa.scalar(b"", pa.large_binary())
    joined: Any = pc.binary_join_element_wise(*pieces, nothing)
    start, end = (np.frombuffer(joined.buffers()[1], np.int64)[place] for place in (0, rows))
    return memoryview(joined.buffers()[2])[int(start) : int(end)]


def stream(batches: Iterable[pa.RecordBatch], *constants: int) -> Iterator[memoryview | bytes]:
    """A whole COPY stream, a piece for each batch."""
    yield SIGNATURE
    for batch in batches:
        if len(batch):
            yield encoded(batch, *constants)
    yield TRAILER


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
    return pc.replace_substring(texts, pattern="\0", replacement="\ufffd")


def _bytes(texts: Column) -> Column:
    nothing: Any = b""
    return pc.fill_null(texts.cast(pa.large_binary()), nothing)
