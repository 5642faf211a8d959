"""Columns of a batch. From buffers, as pyarrow asks pandas about lists, and so imports it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

Values = np.ndarray[Any, Any]


def joined(pieces: Sequence[Any]) -> tuple[bytes, Values]:
    """Pieces one after the other, and the length of each in bytes."""
    return b"".join(pieces), np.fromiter(map(len, pieces), np.int32, len(pieces))


def strings(data: bytes, lengths: Values) -> pa.Array[Any]:
    """Texts in UTF-8, one after the other, as an array."""
    ends: Any = np.zeros(len(lengths) + 1, np.int32)
    lengths.cumsum(out=ends[1:])
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(ends), pa.py_buffer(data))


def cut(data: bytes, lengths: Values) -> list[bytes]:
    """The pieces again."""
    ends = lengths.cumsum(dtype=np.int64)
    return [data[end - size : end] for end, size in zip(ends, lengths, strict=True)]


def is_utf8(data: bytes) -> bool:
    """Whether it can be decoded, without making a string of it."""
    try:
        strings(data, np.array([len(data)], np.int32)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def repeated(texts: Sequence[str], times: Any) -> pa.Array[Any]:
    """Each text so many times, as an array."""
    each = strings(*joined([text.encode() for text in texts]))
    return each.take(fixed(np.repeat(np.arange(len(texts)), times), pa.int64()))


def fixed(values: Any, kind: pa.DataType) -> pa.Array[Any]:
    """Values of a fixed width as an array."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def select(table: pa.Table, mask: Values) -> pa.Table:
    """The rows of a table for which a mask is true."""
    return table.take(fixed(np.flatnonzero(mask), pa.int64()))
