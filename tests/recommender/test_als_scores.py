"""The Python model's pure part, on small frames."""

from __future__ import annotations

import importlib.util
import itertools
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.conftest import ROOT

PARAMETERS = {
    "rank": 8, "iterations": 5, "regularization": 0.1, "alpha": 4.0, "seed": 7, "blocks": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def als() -> ModuleType:
    path = ROOT / "models" / "gold" / "recommender" / "als_scores.py"
    spec = importlib.util.spec_from_file_location("als_scores", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def interactions(spark: Any, pairs: list[tuple[int, int]]) -> Any:
    """A frame of (user, track) pairs; keys are the indexes plus 1000."""
    rows = [(user + 1000, track + 1000, user, track, 1.0) for user, track in pairs]
    schema = "user_key long, track_key long, user_index int, track_index int, strength double"
    return spark.createDataFrame(rows, schema)


def test_no_interactions_give_no_rows(spark: Any, als: ModuleType) -> None:
    frame = als.recommend(interactions(spark, []), length=5, **PARAMETERS)
    assert frame.count() == 0
    assert frame.columns == ["user_key", "track_key", "rank", "score"]


def test_two_tastes_are_told_apart(spark: Any, als: ModuleType) -> None:
    """Users 0 to 9 like even tracks, 10 to 19 odd ones; each has left out one."""
    pairs = [
        (user, track)
        for user in range(20)
        for track in range(20)
        if track % 2 == user // 10 and track // 2 != user % 10
    ]
    frame = als.recommend(interactions(spark, pairs), length=1, **PARAMETERS)
    first = {row.user_key - 1000: row.track_key - 1000 for row in frame.collect()}
    assert first == {user: 2 * (user % 10) + user // 10 for user in range(20)}


def test_heard_tracks_are_never_listed_and_lists_are_full(spark: Any, als: ModuleType) -> None:
    rng = np.random.default_rng(3)
    pairs = sorted({(int(u), int(t)) for u, t in rng.integers(0, [30, 12], (200, 2))})
    listed = als.recommend(interactions(spark, pairs), length=5, **PARAMETERS).collect()
    tracks = {track for _, track in pairs}
    for user in {user for user, _ in pairs}:
        mine = sorted((r for r in listed if r.user_key == user + 1000), key=lambda r: r.rank)
        heard = {track for owner, track in pairs if owner == user}
        assert [row.rank for row in mine] == list(range(1, 1 + min(5, len(tracks - heard))))
        assert not heard & {row.track_key - 1000 for row in mine}
        assert all(a.score >= b.score for a, b in itertools.pairwise(mine))


def test_one_user_one_track(spark: Any, als: ModuleType) -> None:
    assert als.recommend(interactions(spark, [(0, 0)]), length=5, **PARAMETERS).count() == 0


def test_the_same_data_give_the_same_lists(spark: Any, als: ModuleType) -> None:
    pairs = [(user, (user * 7 + step) % 15) for user in range(25) for step in range(5)]
    frames = [interactions(spark, pairs), interactions(spark, pairs[::-1]).repartition(3)]
    once, again = (
        sorted(tuple(row) for row in als.recommend(frame, length=5, **PARAMETERS).collect())
        for frame in frames
    )
    assert once == again


@pytest.mark.parametrize("tracks", [7, 50, 64, 1500])
def test_lists_are_those_of_brute_force(als: ModuleType, tracks: int) -> None:
    rng = np.random.default_rng(11)
    factors = rng.normal(size=(tracks, 4)).astype(np.float32)
    users = rng.normal(size=(600, 4)).astype(np.float32)
    heard = [sorted(rng.choice(tracks, size=rng.integers(0, tracks), replace=False)) for _ in users]
    batch = pa.RecordBatch.from_arrays(
        [pa.array(range(600)), pa.array(list(users)), pa.array(heard, pa.list_(pa.int32()))],
        names=["user_key", "features", "heard"],
    )
    score = als.scorer(
        track_keys=np.arange(tracks) + 1000,
        track_indexes=np.arange(tracks),
        factors=factors,
        length=10,
    )
    listed = pa.Table.from_batches(score([batch])).to_pylist()
    exact = users @ factors.T
    for user in range(600):
        open_tracks = [track for track in range(tracks) if track not in set(heard[user])]
        best = sorted(open_tracks, key=lambda track: -exact[user, track])[:10]
        mine = [row["track_key"] - 1000 for row in listed if row["user_key"] == user]
        assert mine == best


def test_versions_follow_data_and_parameters(spark: Any, als: ModuleType) -> None:
    def version(rows: list[tuple[int, int, int, bool]], **parameters: int) -> str:
        schema = "user_key long, track_key long, play_count long, is_holdout boolean"
        named: str = als.model_version(spark.createDataFrame(rows, schema), parameters)
        return named

    rows = [(1, 2, 3, False), (1, 3, 1, True)]
    assert version(rows, rank=8) == version(rows[::-1], rank=8)
    assert version(rows, rank=8) != version(rows, rank=9)
    assert version(rows, rank=8) != version(rows[:1], rank=8)
