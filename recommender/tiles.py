"""The highest of many scores, a tile of items and rows at a time: scores never leave the cache.

The product of two vectors is at most that of their lengths. So the longest items come first, and of
a tile none of whose items could reach what a row has by then, nothing is computed for the row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.best import Best, Places, Room, Scores, in_order

ITEMS_AT_ONCE = 2048


class Tiles:
    """Scores of items for rows: the product of their factors.

    Args:
        factors: of the items, shape (items, rank).
        never: items whose score is -inf, shape (items,).
    """

    def __init__(self, factors: Scores, never: NDArray[np.bool_]) -> None:
        lengths = np.where(never, 0, np.linalg.norm(factors, axis=1))
        self._order = np.argsort(-lengths, kind="stable")
        self._standing = np.argsort(self._order)
        self._factors, self._never = factors[self._order], never[self._order]
        self._longest = lengths[self._order][::ITEMS_AT_ONCE]
        self._rounding = 1 + 4 * factors.shape[1] * np.finfo(np.float32).eps
        self._room = Room()

    def highest(
        self, vectors: Scores, heard: csr_array, added: csr_array | None, length: int
    ) -> tuple[Places, Scores]:
        """Find the highest scores of each row, and whose they are.

        Ties stand by place; of those that tie for the last one, the longer items are in.

        Args:
            vectors: factors of the rows, shape (rows, rank).
            heard: the cells whose score is -inf, shape (rows, items).
            added: what is added to the scores, likewise.
            length: how many scores.

        Returns:
            Places of items and their scores, highest first, each of shape (rows, length); a score
            of -inf says that there is none.
        """
        by_rank = np.ascontiguousarray(vectors.T, np.float32)
        lengths = np.linalg.norm(vectors, axis=1)
        left_out = _Cells(heard, self._standing)
        more = None if added is None else _Cells(added, self._standing)
        best = Best(len(vectors), length)
        for start, longest in zip(
            range(0, len(self._factors), ITEMS_AT_ONCE), self._longest, strict=True
        ):
            items = slice(start, start + ITEMS_AT_ONCE)
            most = lengths * longest
            if more is not None:
                most += more.most(items)
            rows = np.flatnonzero(most * self._rounding > best.least)
            if not len(rows):
                continue
            tile = self._scores(items, by_rank, rows)
            if more is not None:
                cells, values = more.within(items, rows)
                tile.reshape(-1)[cells] += values
            tile.reshape(-1)[left_out.within(items, rows)[0]] = -np.inf
            tile[self._never[items]] = -np.inf
            best.offer(tile, rows, start)
        places, values = best.scores()
        return in_order(self._order[places], values)

    def _scores(self, items: slice, by_rank: Scores, rows: Places) -> Scores:
        """Products of some items and some rows; overwritten by the next."""
        factors = self._factors[items]
        if len(rows) < by_rank.shape[1]:
            by_rank = by_rank[:, rows]
        return self._room.product(factors, by_rank)


class _Cells:
    """Cells of rows and items, by item.

    Args:
        cells: with values, shape (rows, items).
        standing: where the items stand, shape (items,).
    """

    def __init__(self, cells: csr_array, standing: Places) -> None:
        moved = (cells.data, standing[cells.indices], cells.indptr)
        self._cells = csr_array(moved, shape=cells.shape).tocsc()

    def within(self, items: slice, rows: Places) -> tuple[Places, Scores]:
        """Where the cells of some items and some rows stand in their tile, and their values."""
        ends = self._cells.indptr[items.start : items.stop + 1]
        item = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        row, values = self._of(items)
        if len(rows) == self._cells.shape[0]:
            return item * len(rows) + row, values
        column = np.full(self._cells.shape[0], -1)
        column[rows] = np.arange(len(rows))
        inside = column[row] >= 0
        return item[inside] * len(rows) + column[row[inside]], values[inside]

    def most(self, items: slice) -> Scores:
        """The highest value of each row among some items, 0 if that is higher, shape (rows,)."""
        found = np.zeros(self._cells.shape[0], np.float32)
        np.maximum.at(found, *self._of(items))
        return found

    def _of(self, items: slice) -> tuple[Places, Scores]:
        """Rows and values of the cells of some items."""
        ends = self._cells.indptr[items.start : items.stop + 1]
        own = slice(ends[0], ends[-1])
        return self._cells.indices[own], self._cells.data[own]
