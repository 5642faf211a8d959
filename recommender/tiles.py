"""The highest of many scores, a tile of items and rows at a time: scores never leave the cache."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

ITEMS_AT_ONCE = 2048
GROUP = 32

Scores = NDArray[np.float32]
Places = NDArray[np.int64]


class Tiles:
    """Scores of items for rows: the product of their factors.

    Args:
        factors: of the items, shape (items, rank).
        never: items whose score is -inf, shape (items,).
    """

    def __init__(self, factors: Scores, never: NDArray[np.bool_]) -> None:
        self._factors, self._never = factors, never
        self._room = np.empty(0, np.float32)  # used again, as fresh pages cost

    def of(
        self, vectors: Scores, heard: csr_array, added: csr_array | None
    ) -> Iterator[tuple[int, Scores]]:
        """Yield the scores, and the first item's place, a tile of items after the other.

        Args:
            vectors: factors of the rows, shape (rows, rank).
            heard: the cells whose score is -inf, shape (rows, items).
            added: what is added to the scores, likewise.

        Returns:
            Of each tile the place of its first item and its scores, shape (its items, rows), which
            are overwritten by the next.
        """
        by_rank = np.ascontiguousarray(vectors.T, np.float32)
        left_out, more = csc_array(heard), None if added is None else csc_array(added)
        rows = len(vectors)
        if len(self._room) < ITEMS_AT_ONCE * rows:
            self._room = np.empty(ITEMS_AT_ONCE * rows, np.float32)
        for start in range(0, len(self._factors), ITEMS_AT_ONCE):
            factors = self._factors[start : start + ITEMS_AT_ONCE]
            flat = self._room[: len(factors) * rows]
            tile = flat.reshape(len(factors), rows)
            np.matmul(factors, by_rank, out=tile)
            if more is not None:
                cells, values = _within(more, start, len(factors))
                flat[cells] += values
            flat[_within(left_out, start, len(factors))[0]] = -np.inf
            tile[self._never[start : start + len(factors)]] = -np.inf
            yield start, tile


def _within(cells: csc_array, start: int, count: int) -> tuple[Places, Scores]:
    """Where the entries of some items stand in their tile, and their values."""
    ends = cells.indptr[start : start + count + 1]
    own = slice(ends[0], ends[-1])
    items = np.repeat(np.arange(count), np.diff(ends))
    return items * cells.shape[0] + cells.indices[own], cells.data[own]


def highest(tiles: Iterator[tuple[int, Scores]], rows: int, length: int) -> tuple[Places, Scores]:
    """Find the highest scores of each row, and where they stand.

    Only scores above the lowest that a row has kept so far are looked at, few after the first tile.
    Ties stand by place; of those that tie for the last place, an earlier tile's are in.

    Args:
        tiles: as `Tiles.of` gives them.
        rows: how many.
        length: how many scores.

    Returns:
        Places and scores, highest first, each of shape (rows, length); -inf: there is none.
    """
    values = np.full((rows, length), -np.inf, np.float32)
    places = np.zeros((rows, length), np.int64)
    waiting: list[tuple[Places, Places, Scores]] = []
    for number, (start, tile) in enumerate(tiles):
        if number == 0:
            least = np.nextafter(_least(tile, length), np.float32(-np.inf))
        cells = np.flatnonzero(tile > least)
        waiting.append((cells % rows, start + cells // rows, tile.reshape(-1)[cells]))
        if number & (number + 1) == 0:  # after 1, 2, 4, 8 ... tiles as many more are found again
            values, places = _kept(values, places, waiting)
            waiting, least = [], values.min(axis=1)
    values, places = _kept(values, places, waiting)
    order = np.lexsort((places, -values), axis=1)
    return np.take_along_axis(places, order, axis=1), np.take_along_axis(values, order, axis=1)


def _kept(
    values: Scores, places: Places, more: list[tuple[Places, Places, Scores]]
) -> tuple[Scores, Places]:
    """The highest of each row, of those kept so far and of more: their rows, places and scores."""
    if not sum(len(scores) for _, _, scores in more):
        return values, places
    owners, items, scores = (np.concatenate(parts) for parts in zip(*more, strict=True))
    short = np.min_scalar_type(len(values))  # of 16 bits, which are sorted by radix
    order = np.argsort(owners.astype(short), kind="stable")
    owners = owners[order]
    counts = np.bincount(owners, minlength=len(values))
    length, width = values.shape[1], int(counts.max())
    column = length + np.arange(len(owners)) - np.repeat(counts.cumsum() - counts, counts)
    values = np.pad(values, ((0, 0), (0, width)), constant_values=-np.inf)
    places = np.pad(places, ((0, 0), (0, width)))
    values[owners, column], places[owners, column] = scores[order], items[order]
    inside = np.argpartition(values, width, axis=1)[:, width:]
    return np.take_along_axis(values, inside, axis=1), np.take_along_axis(places, inside, axis=1)


def _least(tile: Scores, length: int) -> Scores:
    """What the `length` highest of each row reach at least: as many groups have such a maximum."""
    groups, rows = len(tile) // GROUP, tile.shape[1]
    if groups < length:
        return np.full(rows, -np.inf, np.float32)
    maxima = tile[: groups * GROUP].reshape(GROUP, groups, rows).max(axis=0)
    return np.partition(np.ascontiguousarray(maxima.T), -length, axis=1)[:, -length]
