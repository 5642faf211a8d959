"""What the recommender's models compute, on small frames."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from recommender.blending import ALS, Mix, blend, heaviest
from recommender.lists import best_unheard, with_heard
from recommender.similar import artist_factors, most_similar, similar_of_both
from recommender.topn import Items, scorer
from recommender.training import train
from tests.recommender.reproduced import SMALL


def recommend(frame: Any, *, length: int) -> Any:
    """The lists of a model trained on the frame."""
    return best_unheard(frame, train(frame, SMALL), length=length, mix=Mix(0.5))


def interactions(spark: Any, pairs: list[tuple[int, int]]) -> Any:
    """A frame of (user, track) pairs; keys are the indexes plus 1000."""
    rows = [(user + 1000, track + 1000, user, track, 1.0) for user, track in pairs]
    schema = "user_key long, track_key long, user_index int, track_index int, strength double"
    return spark.createDataFrame(rows, schema)


def test_no_interactions_give_no_rows(spark: Any) -> None:
    frame = recommend(interactions(spark, []), length=5)
    assert frame.count() == 0
    assert frame.columns == ["user_key", "track_key", "rank", "score", "because_key"]


def test_two_tastes_are_told_apart(spark: Any) -> None:
    """Users 0 to 9 like even tracks, 10 to 19 odd ones; each has left out one."""
    pairs = [
        (user, track)
        for user in range(20)
        for track in range(20)
        if track % 2 == user // 10 and track // 2 != user % 10
    ]
    frame = recommend(interactions(spark, pairs), length=1)
    first = {row.user_key - 1000: row.track_key - 1000 for row in frame.collect()}
    assert first == {user: 2 * (user % 10) + user // 10 for user in range(20)}


def test_heard_tracks_are_never_listed_and_lists_are_full(spark: Any) -> None:
    rng = np.random.default_rng(3)
    pairs = sorted({(int(u), int(t)) for u, t in rng.integers(0, [30, 12], (200, 2))})
    listed = recommend(interactions(spark, pairs), length=5).collect()
    tracks = {track for _, track in pairs}
    for user in {user for user, _ in pairs}:
        mine = sorted((r for r in listed if r.user_key == user + 1000), key=lambda r: r.rank)
        heard = {track for owner, track in pairs if owner == user}
        assert [row.rank for row in mine] == list(range(1, 1 + min(5, len(tracks - heard))))
        assert not heard & {row.track_key - 1000 for row in mine}
        assert all(a.score >= b.score for a, b in itertools.pairwise(mine))


def test_one_user_one_track(spark: Any) -> None:
    assert recommend(interactions(spark, [(0, 0)]), length=5).count() == 0


def test_who_heard_everything_has_no_list_and_others_have_theirs(spark: Any) -> None:
    pairs = [(0, track) for track in range(6)]
    pairs += [(user, track) for user in range(1, 5) for track in range(6) if track != user]
    frame = interactions(spark, pairs)
    explain = partial(heaviest, mix=Mix(0.5), alpha=4.0, regularization=0.1)
    listed = best_unheard(
        frame, train(frame, SMALL), length=5, mix=Mix(0.5), explain=explain
    ).collect()
    assert sorted((row.user_key - 1000, row.track_key - 1000) for row in listed) == [
        (user, user) for user in range(1, 5)
    ]
    assert {row.because_key is None for row in listed} == {False}


def test_who_heard_only_what_the_model_does_not_know_has_no_list_where_one_is_explained() -> None:
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array([1, 2]),
            pa.array([[1.0, 0.0], [1.0, 0.0]], pa.list_(pa.float32())),
            pa.array([[99], [0]], pa.list_(pa.int32())),
            pa.array([[1.0], [1.0]], pa.list_(pa.float32())),
        ],
        names=["key", "features", "heard", "strengths"],
    )
    items = Items(
        keys=np.array([1000, 1001]),
        indexes=np.arange(2),
        factors=np.eye(2, dtype=np.float32),
        never=np.zeros(2, dtype=np.bool_),
    )
    explain = heaviest(items, mix=ALS, alpha=4.0, regularization=0.1)

    def listed(rows: pa.RecordBatch) -> list[tuple[int, int, int]]:
        told = pa.Table.from_batches(scorer(items, length=2, because=explain)(iter([rows])))
        return [(row["key"], row["item_key"], row["because_key"]) for row in told.to_pylist()]

    assert listed(batch) == [(2, 1001, 1000)]
    assert listed(batch.slice(0, 1)) == []


def test_the_same_data_give_the_same_lists(spark: Any) -> None:
    pairs = [(user, (user * 7 + step) % 15) for user in range(25) for step in range(5)]
    frames = [interactions(spark, pairs), interactions(spark, pairs[::-1]).repartition(3)]
    once, again = (
        sorted(tuple(row) for row in recommend(frame, length=5).collect()) for frame in frames
    )
    assert once == again


@pytest.mark.parametrize("tracks", [7, 50, 64, 1500])
def test_lists_are_those_of_brute_force(tracks: int) -> None:
    rng = np.random.default_rng(11)
    factors = rng.normal(size=(tracks, 4)).astype(np.float32)
    users = rng.normal(size=(600, 4)).astype(np.float32)
    heard = [sorted(rng.choice(tracks, size=rng.integers(0, tracks), replace=False)) for _ in users]
    strengths = [rng.random(len(tracks)).astype(np.float32) for tracks in heard]
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array(range(600)),
            pa.array(list(users)),
            pa.array(heard, pa.list_(pa.int32())),
            pa.array(strengths, pa.list_(pa.float32())),
        ],
        names=["key", "features", "heard", "strengths"],
    )
    weights = (rng.random((tracks, tracks)) < 0.1) * rng.normal(size=(tracks, tracks))
    items = Items(
        keys=np.arange(tracks) + 1000,
        indexes=np.arange(tracks),
        factors=factors,
        never=np.arange(tracks) == 3,
        neighbours=csr_array(weights.astype(np.float32)),
    )
    score = scorer(blend(items, Mix(0.25)), length=10)
    listed = pa.Table.from_batches(score(iter([batch]))).to_pylist()
    heavy = np.zeros((600, tracks))
    for user in range(600):
        heavy[user, heard[user]] = strengths[user]
    exact = 0.75 * (users @ factors.T) + 0.25 * (heavy @ weights)
    for user in range(600):
        taken = {3, *heard[user]}
        open_tracks = [track for track in range(tracks) if track not in taken]
        best = sorted(open_tracks, key=lambda track: -exact[user, track])[:10]
        mine = [row["item_key"] - 1000 for row in listed if row["key"] == user]
        assert mine == best


def factors(spark: Any, features: list[list[float]]) -> Any:
    """Tracks, each with the first as a neighbour: what is similar, it has no say in."""
    rows = [(index + 1000, index, row, [1000], [9.0]) for index, row in enumerate(features)]
    schema = "key long, index int, features array<float>"
    return spark.createDataFrame(
        rows, f"{schema}, neighbour_keys array<long>, neighbour_weights array<float>"
    )


def test_similar_is_what_points_the_same_way_however_long(spark: Any) -> None:
    frame = factors(spark, [[1.0, 0.0], [9.0, 1.0], [0.0, 1.0], [-5.0, -1.0], [0.0, 0.0]])
    listed = most_similar(frame, length=2).orderBy("key", "rank").collect()
    others = {
        key: [row.item_key for row in rows] for key, rows in itertools.groupby(listed, key_of)
    }
    assert others == {
        1000: [1001, 1002],
        1001: [1000, 1002],
        1002: [1001, 1000],
        1003: [1002, 1000],
    }
    assert listed[0].score == pytest.approx(9 / 82**0.5)
    assert listed[0].rank == 1


def key_of(row: Any) -> int:
    key: int = row.key
    return key


def test_similar_of_nothing_is_nothing(spark: Any) -> None:
    assert most_similar(factors(spark, []), length=2).count() == 0
    assert most_similar(factors(spark, [[1.0, 0.0]]), length=2).count() == 0


def test_an_artist_is_the_sum_of_their_tracks(spark: Any) -> None:
    tracks = factors(spark, [[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]])
    artists = spark.createDataFrame(
        [(1000, 5), (1001, 4), (1002, 5), (1003, 4)], "track_key long, artist_key long"
    )
    summed = artist_factors(tracks, artists).orderBy("index").collect()
    assert [tuple(row) for row in summed] == [(4, 0, [3.0, 5.0]), (5, 1, [8.0, 13.0])]


def test_what_is_blocked_is_similar_to_nothing(spark: Any) -> None:
    """The first artist has a track that is not blocked, the second none."""
    tracks = factors(spark, [[1.0, 0.0], [1.0, 0.1], [1.0, 0.2], [1.0, 0.3]])
    schema = "track_key long, artist_key long"
    artists = spark.createDataFrame([(1000, 4), (1001, 4), (1002, 5), (1003, 6)], schema)
    blocked = spark.createDataFrame([(1001,), (1002,)], "track_key long")
    listed = similar_of_both(tracks, artists, length=3, blocked=blocked).collect()
    assert {(row.kind, row.key, row.similar_key) for row in listed} == {
        ("track", 1000, 1003),
        ("track", 1003, 1000),
        ("artist", 4, 6),
        ("artist", 6, 4),
    }


def test_ages_are_how_many_discoveries_came_later(spark: Any) -> None:
    times = [None, "2026-01-01", "2026-01-03", "2026-01-03", "2026-01-02"]
    rows = [(1, track, 2.0, time) for track, time in enumerate(times)]
    schema = "user_key long, track_index int, strength double, first_listened_at string"
    users = spark.createDataFrame([(1, [0.0])], "key long, features array<float>")
    (row,) = with_heard(users, spark.createDataFrame(rows, schema)).collect()
    ages = dict(zip(row.heard, row.ages, strict=True))
    assert ages == {0: 4, 1: 3, 2: 0, 3: 0, 4: 2}


def test_what_speaks_is_what_was_heard_and_what_is_new_of_it_louder() -> None:
    items = Items(
        keys=np.arange(4),
        indexes=np.arange(4),
        factors=np.zeros((4, 1), dtype=np.float32),
        never=np.zeros(4, dtype=np.bool_),
        neighbours=csr_array((4, 4), dtype=np.float32),
    )
    rows = pa.RecordBatch.from_pydict(
        {"heard": [[0, 2, 9], [], [3]], "strengths": [[2.0, 1.0, 1.0], [], [3.0]],
         "ages": [[10, 0, 0], [], [7]]}
    )  # fmt: skip
    strongly, speaking = blend(items, Mix(0.5, 0.25, 10.0)).heard(rows)
    usual = (1 + np.exp(-1)) / 2  # the ninth is not there
    older, newer = (0.75 + 0.25 * recent / usual for recent in (np.exp(-1), 1))
    assert strongly.toarray().tolist() == [[2, 0, 1, 0], [0] * 4, [0, 0, 0, 3]]
    assert speaking.toarray() == pytest.approx(
        np.array([[2 * older, 0, newer, 0], [0] * 4, [0, 0, 0, 3]])
    )
