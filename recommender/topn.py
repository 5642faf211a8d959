"""The highest of many scores: a matrix product in blocks, on Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

ROWS_AT_ONCE = 128
GROUP = 64

Lists = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def scorer(
    *,
    item_keys: NDArray[np.int64],
    item_indexes: NDArray[np.integer],
    factors: NDArray[np.float32],
    length: int,
) -> Lists:
    """Make the function that turns Arrow batches of rows with factors into their best items.

    The function takes batches of `key` (int64), `features` (list of float, one per factor) and
    `left_out` (list of item indexes that must not be listed), and gives batches of `key`,
    `item_key`, `rank` from 1 and `score`. It holds `ROWS_AT_ONCE` times items scores at a time.

    Args:
        item_keys: keys of the items, shape (items,).
        item_indexes: their indexes as used in `left_out`, ascending, shape (items,).
        factors: their factors, shape (items, rank).
        length: items per list; fewer only for a row that leaves fewer in.
    """
    padding = np.zeros((-len(factors) % GROUP, factors.shape[1]), dtype=factors.dtype)
    transposed = np.ascontiguousarray(np.vstack([factors, padding]).T)

    def lists(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        room = np.empty((ROWS_AT_ONCE, transposed.shape[1]), dtype=np.float32)  # fresh pages cost
        for batch in batches:
            for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                rows = batch.slice(start, ROWS_AT_ONCE)
                yield best(rows, room[: rows.num_rows])

    def best(rows: pa.RecordBatch, scores: NDArray[np.float32]) -> pa.RecordBatch:
        features, left_out = (
            cast("pa.ListArray[Any]", rows["features"]),
            cast("pa.ListArray[Any]", rows["left_out"]),
        )
        vectors = features.flatten().to_numpy(zero_copy_only=False)
        np.matmul(vectors.reshape(rows.num_rows, -1).astype(np.float32), transposed, out=scores)
        scores[:, len(item_keys) :] = -np.inf
        numbers = np.repeat(np.arange(rows.num_rows), left_out.value_lengths().to_numpy())
        scores[numbers, np.searchsorted(item_indexes, left_out.flatten().to_numpy())] = -np.inf
        places, values = highest(scores.reshape(rows.num_rows, GROUP, -1), length)
        listed = np.isfinite(values)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(np.repeat(rows["key"].to_numpy(), listed.sum(axis=1))),
                pa.array(item_keys[places[listed]]),
                pa.array((np.nonzero(listed)[1] + 1).astype(np.int32)),
                pa.array(values[listed].astype(np.float64)),
            ],
            names=["key", "item_key", "rank", "score"],
        )

    return lists


def highest(
    grouped: NDArray[np.float32], length: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the highest scores of each row, and where they stand.

    Ties stand by place; which of those that tie for the last place are in, the partition says.

    A score among the `length` highest is always in one of the `length` groups with the highest
    maxima, so that only those are looked into. Members of a group are not neighbours in the row:
    so the maximum of all groups is one pass over whole stretches of memory.

    Args:
        grouped: scores, shape (rows, members, groups).
        length: how many.

    Returns:
        Places in the row and scores, highest first, each of shape (rows, length) or narrower.
    """
    rows, members, groups = grouped.shape
    width = min(length, groups)
    chosen = np.argpartition(grouped.max(axis=1), -width, axis=1)[:, None, -width:]
    scores = np.take_along_axis(grouped, chosen, axis=2).reshape(rows, -1)
    places = (np.arange(members)[:, None] * groups + chosen).reshape(rows, -1)
    width = min(length, scores.shape[1])
    inside = np.argpartition(scores, -width, axis=1)[:, -width:]
    scores = np.take_along_axis(scores, inside, axis=1)
    places = np.take_along_axis(places, inside, axis=1)
    order = np.lexsort((places, -scores), axis=1)
    return np.take_along_axis(places, order, axis=1), np.take_along_axis(scores, order, axis=1)
