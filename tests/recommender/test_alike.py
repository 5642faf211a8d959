"""Who is most alike, found for both of a pair at once, against a sort of all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender import alike
from recommender.alike import most_alike


def found(
    vectors: NDArray[np.float32], rows: slice, length: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """What the module says of all these rows, in whatever pieces it does."""
    pieces = list(most_alike(vectors, rows, length))
    assert [piece.start for piece, _, _ in pieces[1:]] == [
        piece.stop for piece, _, _ in pieces[:-1]
    ]
    assert (pieces[0][0].start, pieces[-1][0].stop) == (rows.start, rows.stop)
    return np.concatenate([places for _, places, _ in pieces]), np.concatenate(
        [scores for _, _, scores in pieces]
    )


@settings(deadline=None)
@given(
    count=st.integers(1, 60), bounds=st.tuples(st.integers(0, 59), st.integers(1, 60)),
    length=st.integers(1, 12), block=st.integers(1, 20), panel=st.integers(1, 40),
    others=st.integers(1, 40), seed=st.integers(0, 9),
)  # fmt: skip
def test_most_alike_are_those_of_a_sort(
    count: int, bounds: tuple[int, int], length: int, block: int, panel: int, others: int, seed: int
) -> None:
    """Whichever rows a task has, and however they are cut; fewer others than places too."""
    first = min(bounds[0], count - 1)
    rows = slice(first, max(first + 1, min(bounds[1], count)))
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 4)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alike, "ROWS_AT_ONCE", block)
        patch.setattr(alike, "ROWS_TOGETHER", panel)
        patch.setattr(alike, "OTHERS_AT_ONCE", others)
        places, values = found(vectors, rows, length)

    scores = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(scores, -np.inf)
    best = np.full((count, length), -np.inf)
    best[:, : min(count, length)] = np.sort(scores, axis=1)[:, ::-1][:, :length]
    np.testing.assert_allclose(values, best[rows], atol=1e-5)
    there = np.isfinite(values)
    np.testing.assert_allclose(
        np.take_along_axis(scores[rows], places, 1)[there], best[rows][there], atol=1e-5
    )
    for row, kept in zip(places, there, strict=True):
        assert len(set(row[kept])) == kept.sum()


def test_ties_stand_by_place() -> None:
    """More vectors than a block has; all are one but the last, which is alike to none."""
    count = 3 * alike.ROWS_AT_ONCE
    vectors = np.ones((count, 1), np.float32)
    vectors[-1] = -1
    places, values = found(vectors, slice(0, count), 5)
    assert (values[:-1] == 1).all()
    assert (values[-1] == -1).all()
    assert (np.diff(places, axis=1) > 0).all()
    assert not (places == np.arange(count)[:, None]).any()


def test_a_pair_of_rows_is_computed_once(computed: list[int]) -> None:
    """Of a task that has all rows, hardly more than half of the products."""
    count = 8 * alike.ROWS_AT_ONCE
    vectors = np.random.default_rng(1).normal(size=(count, 2)).astype(np.float32)
    found(vectors, slice(0, count), 3)
    assert sum(computed) < 0.6 * count**2
