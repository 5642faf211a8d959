"""The most alike of many vectors: the product of two is computed once, and is of both.

A task has some of the vectors as rows. Among these, a tile of scores is offered to the rows of both
its sides. A row still sees the others in the order of their places.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recommender.best import Best, Places, Room, Scores, in_order

ROWS_AT_ONCE = 768
OTHERS_AT_ONCE = 2 * ROWS_AT_ONCE
ROWS_TOGETHER = 64 * ROWS_AT_ONCE

Found = tuple[slice, Places, Scores]


def most_alike(vectors: Scores, rows: slice, length: int) -> Iterator[Found]:
    """Find whose product with some vectors is highest, of all the others.

    Memory is that of `ROWS_TOGETHER` lists, and of a tile.

    Args:
        vectors: shape (vectors, rank).
        rows: which of them lists are made for.
        length: how many scores.

    Yields:
        Some of the rows, with places of vectors and their scores, highest first, each of shape
        (rows, length); ties stand by place, and a score of -inf says that there is none.
    """
    for together in _cut(rows, ROWS_TOGETHER):
        yield from _together(vectors, together, length)


def _together(vectors: Scores, rows: slice, length: int) -> Iterator[Found]:
    blocks = list(_cut(rows, ROWS_AT_ONCE))
    by_rank = [np.ascontiguousarray(vectors[block].T) for block in blocks]
    best = [Best(block.stop - block.start, length) for block in blocks]
    room = Room()

    def offer(others: slice, number: int) -> Scores:
        tile = room.product(vectors[others], by_rank[number])
        if others == blocks[number]:
            np.fill_diagonal(tile, -np.inf)
        best[number].offer(tile, np.arange(tile.shape[1]), others.start)
        return tile

    def offer_all(others: slice) -> None:
        for number in range(len(blocks)):
            for some in _cut(others, OTHERS_AT_ONCE):
                offer(some, number)

    offer_all(slice(0, rows.start))
    for number, block in enumerate(blocks):
        offer(block, number)
        for later in range(number + 1, len(blocks)):
            tile = offer(blocks[later], number)
            best[later].offer_across(tile, block.start)
    offer_all(slice(rows.stop, len(vectors)))
    for block, scores in zip(blocks, best, strict=True):
        yield block, *in_order(*scores.scores())


def _cut(whole: slice, size: int) -> Iterator[slice]:
    for start in range(whole.start, whole.stop, size):
        yield slice(start, min(start + size, whole.stop))
