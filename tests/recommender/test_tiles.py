"""The highest scores, found tile by tile, against a sort of all of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.best import GROUPS
from recommender.tiles import ITEMS_AT_ONCE, Tiles

RANK, ROWS, LENGTH = 8, 37, 20


def cells(rng: np.random.Generator, items: int, share: float) -> csr_array:
    """Some cells of rows and items, with values."""
    chosen = rng.random((ROWS, items)) < share
    return csr_array(np.where(chosen, rng.random((ROWS, items)), 0).astype(np.float32))


def found(
    vectors: NDArray[np.float32], factors: NDArray[np.float32], never: NDArray[np.bool_],
    heard: csr_array, added: csr_array | None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:  # fmt: skip
    """What the module says."""
    return Tiles(factors, never).highest(vectors, heard, added, LENGTH)


@pytest.mark.parametrize("items", [LENGTH - 5, LENGTH, GROUPS * LENGTH - 1, ITEMS_AT_ONCE, 5000])
@pytest.mark.parametrize("with_more", [False, True])
def test_highest_are_those_of_a_sort(*, items: int, with_more: bool) -> None:
    """Fewer items than places, as many, less than a tile, just one, several with a short last."""
    rng = np.random.default_rng(items)
    vectors = rng.normal(size=(ROWS, RANK)).astype(np.float32)
    factors = rng.normal(size=(items, RANK)).astype(np.float32)
    never, heard = rng.random(items) < 0.1, cells(rng, items, 0.3)
    added = cells(rng, items, 0.2) if with_more else None

    places, values = found(vectors, factors, never, heard, added)

    scores = vectors.astype(np.float64) @ factors.T.astype(np.float64)
    scores += 0 if added is None else added.toarray()
    scores[:, never] = scores[heard.toarray() > 0] = -np.inf
    best = np.full((ROWS, LENGTH), -np.inf)
    best[:, : min(items, LENGTH)] = np.sort(scores, axis=1)[:, ::-1][:, :LENGTH]
    np.testing.assert_allclose(values, best, atol=1e-5)
    there = np.isfinite(values)
    np.testing.assert_allclose(np.take_along_axis(scores, places, 1)[there], best[there], atol=1e-5)
    for row, kept in zip(places, there, strict=True):
        assert len(set(row[kept])) == kept.sum()


def test_nothing_is_left_of_a_row_that_heard_all() -> None:
    """Beside one that heard nothing."""
    items = ITEMS_AT_ONCE + 10
    heard = csr_array(np.outer([1, 0], np.ones(items)).astype(np.float32))
    vectors = np.ones((2, RANK), np.float32)
    factors = np.random.default_rng(1).normal(size=(items, RANK)).astype(np.float32)
    _, values = found(vectors, factors, np.zeros(items, np.bool_), heard, None)
    assert np.isneginf(values[0]).all()
    assert np.isfinite(values[1]).all()


def test_ties_stand_by_place_and_an_earlier_tile_keeps_them() -> None:
    """All scores are the same but one, which comes last."""
    items = 2 * ITEMS_AT_ONCE
    vectors, factors = np.ones((1, 1), np.float32), np.ones((items, 1), np.float32)
    factors[-1] = 2
    nothing = csr_array((1, items), dtype=np.float32)
    places, values = found(vectors, factors, np.zeros(items, np.bool_), nothing, None)
    assert values[0].tolist() == [2.0] + [1.0] * (LENGTH - 1)
    assert places[0, 0] == items - 1
    assert (np.diff(places[0, 1:]) > 0).all()
    assert places[0, 1:].max() < ITEMS_AT_ONCE


def test_fewer_rows_follow_more() -> None:
    """The last rows of a batch are fewer, and one batch is smaller than the next."""
    rng = np.random.default_rng(3)
    factors = rng.normal(size=(50, RANK)).astype(np.float32)
    tiles = Tiles(factors, np.zeros(50, np.bool_))
    for rows in (2, 7, 1):
        vectors = rng.normal(size=(rows, RANK)).astype(np.float32)
        nothing = csr_array((rows, 50), dtype=np.float32)
        _, values = tiles.highest(vectors, nothing, None, LENGTH)
        best = np.sort(vectors @ factors.T, axis=1)[:, ::-1][:, :LENGTH]
        np.testing.assert_allclose(values, best, atol=1e-5)


@pytest.mark.parametrize("with_more", [False, True])
def test_what_cannot_be_on_a_list_is_not_computed(computed: list[int], *, with_more: bool) -> None:
    """Few items are long, as few tracks are popular; something added makes up for being short."""
    items = 8 * ITEMS_AT_ONCE
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(ROWS, RANK)).astype(np.float32)
    factors = rng.normal(size=(items, RANK)).astype(np.float32)
    factors *= rng.permutation(1 / np.arange(1, items + 1, dtype=np.float32))[:, None]
    short = np.argsort(np.linalg.norm(factors, axis=1))[:ROWS]
    lifted = csr_array((np.full(ROWS, 9, np.float32), (np.arange(ROWS), short)), (ROWS, items))
    nothing = csr_array((ROWS, items), dtype=np.float32)
    never = np.zeros(items, np.bool_)
    places, values = found(vectors, factors, never, nothing, lifted if with_more else None)

    scores = vectors @ factors.T + (lifted.toarray() if with_more else 0)
    best = np.sort(scores, axis=1)[:, ::-1][:, :LENGTH]
    np.testing.assert_allclose(values, best, atol=1e-5)
    assert not with_more or (places[:, 0] == short).all()
    assert sum(computed) < ROWS * items / 2
