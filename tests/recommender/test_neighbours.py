"""Neighbours, what they are worth in a list, and how their share is chosen."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from recommender.blending import ALS, NEIGHBOURS, Mix, blend, heaviest
from recommender.judging import judge
from recommender.neighbours import Listening, Ridge, weigh
from recommender.topn import Items

USERS, TRACKS = 60, 25


def heard() -> np.ndarray:
    """Who heard what, shape (USERS, TRACKS); only the first user heard the last track."""
    rng = np.random.default_rng(5)
    matrix = (rng.random((USERS, TRACKS)) < np.linspace(0.6, 0.1, TRACKS)).astype(np.float64)
    matrix[:, -1] = 0
    matrix[0, -1] = 1
    return matrix


def listening(matrix: np.ndarray, heaviest_listener: int = 1000) -> Listening:
    users, tracks = matrix.nonzero()
    return Listening.of(users, tracks, heaviest_listener=heaviest_listener)


def weights(found: Listening, ridge: Ridge, *, at_once: bool) -> np.ndarray:
    """What having heard a track (row) adds to another (column)."""
    pairs = (found.by_track @ found.by_user).toarray() if at_once else None
    matrix = np.zeros((TRACKS, TRACKS))
    for track, (others, values) in enumerate(weigh(found, np.arange(TRACKS), ridge, pairs)):
        matrix[others, track] = values
    return matrix


@pytest.mark.parametrize("at_once", [True, False])
def test_with_all_tracks_as_neighbours_it_is_a_ridge_regression_on_all_others(
    at_once: bool,
) -> None:
    matrix = heard()
    learned = weights(listening(matrix), Ridge(TRACKS, 3.0, 0.5), at_once=at_once)
    gram = matrix.T @ matrix
    for track in range(TRACKS):
        others = [it for it in range(TRACKS) if it != track and gram[it, track] > 0]
        system = gram[np.ix_(others, others)] + np.diag(3.0 + 0.5 * np.diag(gram)[others])
        exact = np.zeros(TRACKS)
        exact[others] = np.linalg.solve(system, gram[others, track])
        assert learned[:, track] == pytest.approx(exact, abs=1e-5)


def test_a_track_has_no_more_neighbours_than_it_may_and_the_likest_ones() -> None:
    matrix = heard()
    matrix[:, 7] = matrix[:, 3]
    learned = weights(listening(matrix), Ridge(2, 1.0, 1.0), at_once=False)
    assert (np.count_nonzero(learned, axis=0) <= 2).all()
    assert learned[3, 7] == learned[:, 7].max()
    assert learned[7, 3] == learned[:, 3].max()


def test_who_hears_everything_teaches_nothing() -> None:
    matrix = heard()
    bot = np.vstack([matrix, np.ones(TRACKS)])
    most = int(matrix.sum(axis=1).max())
    ridge = Ridge(5, 1.0, 1.0)
    with_bot = weights(listening(bot, heaviest_listener=most), ridge, at_once=False)
    assert (with_bot == weights(listening(matrix), ridge, at_once=False)).all()


def items(*, neighbours: np.ndarray | None = None) -> Items:
    """Three tracks: the first two point the same way, the last another."""
    return Items(
        keys=np.array([100, 101, 102]),
        indexes=np.array([0, 1, 2]),
        factors=np.array([[1.0, 0.1], [1.0, 0.0], [0.0, 1.0]], dtype=np.float32),
        never=np.zeros(3, dtype=np.bool_),
        neighbours=None if neighbours is None else csr_array(neighbours.astype(np.float32)),
    )


@pytest.mark.parametrize(("share", "place"), [(0.0, 1), (1.0, 2), (0.01, 1), (0.9, 2)])
def test_the_heaviest_is_what_adds_most_to_both_signals_together(share: float, place: int) -> None:
    """The factors say that the second speaks for the first, the neighbours that the third does."""
    of_third = np.zeros((3, 3))
    of_third[2, 0] = 1.0
    because = heaviest(items(neighbours=of_third), mix=Mix(share), alpha=4.0, regularization=0.1)
    strengths = np.ones(2, dtype=np.float32)
    assert because(np.array([1, 2]), strengths, strengths, np.array([0])).tolist() == [place]


def test_reasons_are_those_of_brute_force() -> None:
    rng = np.random.default_rng(8)
    tracks, heard, listed = 30, np.array([2, 7, 11, 28]), np.array([0, 5, 9, 17, 29])
    factors = rng.normal(size=(tracks, 3)).astype(np.float32)
    weights = (rng.random((tracks, tracks)) < 0.4) * rng.normal(size=(tracks, tracks))
    strengths = rng.random(len(heard)).astype(np.float32)
    speaking = rng.permutation(strengths)
    own = factors[heard].astype(np.float64)
    matrix = factors.T @ factors + (own.T * 2 * strengths) @ own + 0.3 * len(heard) * np.eye(3)
    of_als = ((own.T * (1 + 2 * strengths)).T @ np.linalg.inv(matrix)) @ factors[listed].T
    parts = 0.4 * of_als + 0.6 * speaking[:, None] * weights[np.ix_(heard, listed)]
    because = heaviest(
        Items(
            keys=np.arange(tracks),
            indexes=np.arange(tracks),
            factors=factors,
            never=np.zeros(tracks, dtype=np.bool_),
            neighbours=csr_array(weights.astype(np.float32)),
        ),
        mix=Mix(0.6, 0.3),
        alpha=2.0,
        regularization=0.3,
    )
    for _ in range(2):
        assert (
            because(heard, strengths, speaking, listed).tolist()
            == heard[parts.argmax(axis=0)].tolist()
        )


def test_a_share_of_none_leaves_the_factors_as_they_are() -> None:
    before = items(neighbours=np.eye(3))
    assert blend(before, ALS).neighbours is None
    assert (blend(before, ALS).factors == before.factors).all()
    assert not blend(before, NEIGHBOURS).factors.any()


def test_lists_are_judged_by_what_they_found_over_what_could_have_been() -> None:
    listed = pa.table(
        {
            "key": [1, 1, 1, 2, 3, 5, 5],
            "item_key": [10, 11, 12, 10, 12, 13, 10],
            "rank": [1, 2, 3, 1, 1, 11, 21],
        }
    )
    wanted = pa.table({"key": [1, 1, 2, 4, 5], "item_key": [11, 12, 10, 10, 13]})
    judged = judge(listed, wanted)
    second, third = 1 / np.log2(3), 1 / np.log2(4)
    assert judged.ndcg == pytest.approx([(second + third) / (1 + second), 1.0, 0.0, 0.0])
    assert judged.recall == pytest.approx([1.0, 1.0, 0.0, 1.0])
    assert judged.precision == pytest.approx([(1 / 2 + 2 / 3) / 2, 1.0, 0.0, 0.0])
    assert judged.items == 3
