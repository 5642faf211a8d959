"""The highest of many scores: matrix products in blocks, on Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array

ROWS_AT_ONCE = 128
GROUP = 64

Lists = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Items:
    """What is put on lists.

    Attributes:
        keys: shape (items,).
        indexes: their names in what a row has heard, ascending, shape (items,).
        factors: shape (items, rank).
        never: which are on no list, shape (items,).
        neighbours: what one that was heard (row) adds to the score of another (column), shape
            (items, items); None for factors alone.
        recent_share: of what speaks for neighbours; the rest is spread over all that was heard.
        recent_tracks: what was discovered so many tracks earlier is e times less recent.
    """

    keys: NDArray[np.int64]
    indexes: NDArray[np.integer]
    factors: NDArray[np.float32]
    never: NDArray[np.bool_]
    neighbours: csr_array | None = None
    recent_share: float = 0.0
    recent_tracks: float = 1.0

    def heard(self, rows: pa.RecordBatch) -> tuple[csr_array, csr_array]:
        """How strongly each row heard each item, and how much that speaks for its neighbours.

        Both of shape (rows, items), with the same entries; items that are not here are passed over.
        """
        heard = cast("pa.ListArray[Any]", rows["heard"])
        numbers = np.repeat(np.arange(rows.num_rows), heard.value_lengths().to_numpy())
        indexes = heard.flatten().to_numpy()
        strengths = cast("pa.ListArray[Any]", rows["strengths"]).flatten().to_numpy()
        places = np.minimum(np.searchsorted(self.indexes, indexes), len(self.indexes) - 1)
        known: NDArray[np.bool_] = self.indexes[places] == indexes
        values, numbers = strengths[known].astype(np.float32), numbers[known]
        cells = (numbers, places[known])
        shape = (rows.num_rows, len(self.keys))
        strongly = csr_array((values, cells), shape=shape)
        if not self.recent_share:
            return strongly, strongly
        ages = cast("pa.ListArray[Any]", rows["ages"]).flatten().to_numpy()[known]
        recent = np.exp(-ages / self.recent_tracks)
        usual = np.bincount(numbers, recent) / np.maximum(np.bincount(numbers), 1)
        weights = 1 - self.recent_share + self.recent_share * recent / usual[numbers]
        return strongly, csr_array((values * weights.astype(np.float32), cells), shape=shape)


# Of what was heard (places, strengths, and how much each speaks for its neighbours), which weighed
# most in each of what is listed (places)?
Because = Callable[
    [NDArray[np.integer], NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]],
    NDArray[np.int64],
]


def scorer(items: Items, *, length: int, because: Because | None = None) -> Lists:
    """Make the function that turns Arrow batches of rows with factors into their best items.

    The function takes batches of `key` (int64), `features` (list of float, one per factor),
    `heard` (list of item indexes: they are not listed), `strengths` (list of float, as long) and
    `ages` (list of int, as long: how many were discovered later; needed for recency alone), and
    gives batches of `key`, `item_key`, `rank` from 1, `score` and `because_key`. It holds
    `ROWS_AT_ONCE` times items scores at a time.

    Args:
        items: what is put on lists.
        length: items per list; fewer only for a row that leaves fewer in.
        because: says for a row which heard item weighed most in each listed one, as places; a row
            that heard none of the items then has no list. Without it, `because_key` is null.
    """
    padding = np.zeros((-len(items.factors) % GROUP, items.factors.shape[1]), dtype=np.float32)
    transposed = np.ascontiguousarray(np.vstack([items.factors, padding]).T)
    never = np.append(items.never.nonzero()[0], len(items.keys) + np.arange(len(padding)))

    def lists(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        room = np.empty((ROWS_AT_ONCE, transposed.shape[1]), dtype=np.float32)  # fresh pages cost
        for batch in batches:
            for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                rows = batch.slice(start, ROWS_AT_ONCE)
                yield best(rows, room[: rows.num_rows])

    def best(rows: pa.RecordBatch, scores: NDArray[np.float32]) -> pa.RecordBatch:
        features = cast("pa.ListArray[Any]", rows["features"])
        vectors = features.flatten().to_numpy(zero_copy_only=False)
        np.matmul(vectors.reshape(rows.num_rows, -1).astype(np.float32), transposed, out=scores)
        heard, speaking = items.heard(rows)
        if items.neighbours is not None:
            added = speaking @ items.neighbours
            row_starts = np.arange(rows.num_rows) * scores.shape[1]
            cells = np.repeat(row_starts, np.diff(added.indptr)) + added.indices
            scores.reshape(-1)[cells] += added.data
        scores[:, never] = -np.inf
        scores[np.repeat(np.arange(rows.num_rows), np.diff(heard.indptr)), heard.indices] = -np.inf
        places, values = highest(scores.reshape(rows.num_rows, GROUP, -1), length)
        listed = np.isfinite(values)
        reasons: pa.Array[Any] = pa.nulls(int(listed.sum()), pa.int64())
        if because is not None:
            listed &= np.diff(heard.indptr)[:, None] > 0
            chosen = [np.empty(0, dtype=np.int64)]
            for row in np.flatnonzero(listed.any(axis=1)):
                own = slice(heard.indptr[row], heard.indptr[row + 1])
                told = heard.indices[own], heard.data[own], speaking.data[own]
                chosen.append(because(*told, places[row, listed[row]]))
            reasons = pa.array(items.keys[np.concatenate(chosen)])
        return pa.RecordBatch.from_arrays(
            [
                pa.array(np.repeat(rows["key"].to_numpy(), listed.sum(axis=1))),
                pa.array(items.keys[places[listed]]),
                pa.array((np.nonzero(listed)[1] + 1).astype(np.int32)),
                pa.array(values[listed].astype(np.float64)),
                reasons,
            ],
            names=["key", "item_key", "rank", "score", "because_key"],
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
