"""The highest of the scores that come a tile at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GROUPS = 3  # of the first tile, for each place of a list

Scores = NDArray[np.float32]
Places = NDArray[np.int64]


class Room:
    """Memory for one product after the other, as fresh pages cost."""

    def __init__(self) -> None:
        self._room = np.empty(0, np.float32)

    def product(self, left: Scores, right: Scores) -> Scores:
        """Multiply two matrices; the next product overwrites what is returned."""
        shape = len(left), right.shape[1]
        size = shape[0] * shape[1]
        if len(self._room) < size:
            self._room = np.empty(size, np.float32)
        return np.matmul(left, right, out=self._room[:size].reshape(shape))


class Best:
    """The highest scores of each row, of those offered.

    Only scores above the lowest that a row has kept so far are looked at, few after the first tile.

    Args:
        rows: how many.
        length: how many scores of each.
    """

    def __init__(self, rows: int, length: int) -> None:
        self._values = np.full((rows, length), -np.inf, np.float32)
        self._places = np.zeros((rows, length), np.int64)
        self._waiting: list[tuple[Places, Places, Scores]] = []
        self._offered = 0
        self.least = np.full(rows, -np.inf, np.float32)

    def offer(self, tile: Scores, rows: Places, start: int) -> None:
        """Take the scores of items, from the place `start` on, for some rows.

        Args:
            tile: shape (items, rows).
            rows: which they are.
            start: place of the first item.
        """
        if not self._offered:
            self.least[rows] = self._least(tile, items=0)
        cells = np.flatnonzero(tile > self.least[rows])
        item, column = np.divmod(cells, len(rows))
        self._take(rows[column], start + item, tile.reshape(-1)[cells])

    def offer_across(self, tile: Scores, start: int) -> None:
        """Take the scores of items, from the place `start` on, for all rows.

        Args:
            tile: shape (rows, items).
            start: place of the first item.
        """
        if not self._offered:
            self.least = self._least(tile, items=1)
        cells = np.flatnonzero(tile > self.least[:, None])
        row, item = np.divmod(cells, tile.shape[1])
        self._take(row, start + item, tile.reshape(-1)[cells])

    def scores(self) -> tuple[Places, Scores]:
        """Places and scores, in no order, each of shape (rows, length)."""
        self._keep()
        return self._places, self._values

    def _least(self, tile: Scores, *, items: int) -> Scores:
        """Just below what the highest of each row reach: as many groups have such a maximum.

        `items` is the axis that they are on.
        """
        length = self._values.shape[1]
        count, rows = tile.shape[items], tile.shape[1 - items]
        groups = min(count, GROUPS * length)
        if groups < length:
            return np.full(rows, -np.inf, np.float32)
        size = count // groups
        if items == 0:
            maxima = tile[: size * groups].reshape(size, groups, rows).max(axis=0).T
        else:
            maxima = tile[:, : size * groups].reshape(rows, size, groups).max(axis=1)
        least = np.partition(np.ascontiguousarray(maxima), -length, axis=1)[:, -length]
        return np.nextafter(least, np.float32(-np.inf))

    def _take(self, rows: Places, items: Places, scores: Scores) -> None:
        self._waiting.append((rows, items, scores))
        self._offered += 1
        if self._offered & (self._offered - 1) == 0:  # after 1, 2, 4 ... as many more are found
            self._keep()

    def _keep(self) -> None:
        if self._waiting:
            self._values, self._places = _kept(self._values, self._places, self._waiting)
            self._waiting, self.least = [], self._values.min(axis=1)


def in_order(places: Places, values: Scores) -> tuple[Places, Scores]:
    """Both with the highest value of each row first; ties stand by place."""
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
