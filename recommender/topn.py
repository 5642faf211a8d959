"""The best items of many rows: matrix products in tiles, on Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.best import Places, Scores
from recommender.tiles import Tiles

ROWS_AT_ONCE = 512

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
    gives batches of `key`, `item_key`, `rank` from 1, `score` and `because_key`. It holds a tile of
    the scores of `ROWS_AT_ONCE` rows at a time.

    Args:
        items: what is put on lists.
        length: items per list; fewer only for a row that leaves fewer in.
        because: says for a row which heard item weighed most in each listed one, as places; a row
            that heard none of the items then has no list. Without it, `because_key` is null.
    """

    def lists(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        tiles = Tiles(items.factors, items.never)
        for batch in batches:
            for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                yield best(batch.slice(start, ROWS_AT_ONCE), tiles)

    def best(rows: pa.RecordBatch, tiles: Tiles) -> pa.RecordBatch:
        features = cast("pa.ListArray[Any]", rows["features"]).flatten()
        vectors = features.to_numpy(zero_copy_only=False).reshape(rows.num_rows, -1)
        heard, speaking = items.heard(rows)
        added = None if items.neighbours is None else speaking @ items.neighbours
        places, values = tiles.highest(vectors, heard, added, length)
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
        best_of_all = listed_rows(rows["key"].to_numpy(), items.keys, places, values, listed)
        return best_of_all.append_column("because_key", reasons)

    return lists


def listed_rows(
    keys: NDArray[np.int64],
    item_keys: NDArray[np.int64],
    places: Places,
    scores: Scores,
    listed: NDArray[np.bool_],
) -> pa.RecordBatch:
    """Lists as rows in Arrow: `key`, `item_key`, `rank` from 1, `score`.

    Args:
        keys: whose lists, shape (lists,).
        item_keys: shape (items,).
        places: of items, shape (lists, length).
        scores: likewise.
        listed: likewise; those of a list are its first.
    """
    columns: dict[str, Any] = {
        "key": np.repeat(keys, listed.sum(axis=1)),
        "item_key": item_keys[places[listed]],
        "rank": (np.nonzero(listed)[1] + 1).astype(np.int32),
        "score": scores[listed].astype(np.float64),
    }
    return pa.RecordBatch.from_arrays([pa.array(c) for c in columns.values()], [*columns])
