"""Arrow batches as rows for SQLite: in the order of the key where that is cheap to have.

A B-tree that grows at random places reads and writes its pages many times. Runs of half a million
rows, each in order, pass over it once a run instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from publish.arrow import gathered, once_each

RUN_ROWS = 500_000
ROWS_AT_ONCE = 65_536


def rows(batches: Iterable[pa.RecordBatch]) -> Iterator[Iterable[tuple[Any, ...]]]:
    """The rows of the batches, some at a time; runs of them are sorted by the first two columns.

    The texts of a dictionary that batches share become Python's only once.
    """
    shared = once_each(_texts)
    for some in gathered(batches, rows=RUN_ROWS):
        run = _columns(some)
        keys = pa.table(run[:2], names=["subject", "rank"])
        order = pc.sort_indices(keys, sort_keys=[("subject", "ascending"), ("rank", "ascending")])
        for start in range(0, len(order), ROWS_AT_ONCE):
            places = order.slice(start, ROWS_AT_ONCE)
            columns = [_values(column.take(places), shared) for column in run]
            yield zip(*columns, strict=True)


def _columns(batches: list[pa.RecordBatch]) -> list[Any]:
    return [
        _joined([batch.column(place) for batch in batches])
        for place in range(batches[0].num_columns)
    ]


def _joined(parts: list[Any]) -> Any:
    """One array; `publish.names` gives the same dictionary to all batches, or none to some."""
    if all(pa.types.is_dictionary(part.type) for part in parts):
        places = pa.concat_arrays([part.indices for part in parts])
        return pa.DictionaryArray.from_arrays(places, parts[0].dictionary)
    return pa.concat_arrays(
        [part.dictionary_decode() if pa.types.is_dictionary(part.type) else part for part in parts]
    )


def _values(column: Any, shared: Any) -> list[Any]:
    if not pa.types.is_dictionary(column.type):
        values: list[Any] = column.to_pylist()
        return values
    texts = shared(column.dictionary)
    places: Any = pc.fill_null(column.indices, len(texts) - 1)
    taken: list[Any] = texts[places.to_numpy()].tolist()
    return taken


def _texts(dictionary: pa.Array[Any]) -> np.ndarray[Any, np.dtype[np.object_]]:
    return np.array([*dictionary.to_pylist(), None], dtype=object)
