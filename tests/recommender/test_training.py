"""Training on what listening can be at its worst, and again with the same outcome."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from recommender.blending import ALS, Mix
from recommender.training import Parameters, UnfitInteractionsError, model_version, train
from tests.conftest import ROOT
from tests.recommender.reproduced import SMALL, lists

PARAMETERS = replace(SMALL, rank=4, iterations=2)
SCHEMA = "user_key long, track_key long, user_index long, track_index long, strength double"
FAR = 2**40

Row = tuple[int, int, int, int, float | None]


def trained(spark: Any, rows: list[Row]) -> dict[tuple[str, int], list[float]]:
    """The factors by side and key."""
    learned = train(spark.createDataFrame(rows, SCHEMA), PARAMETERS).collect()
    return {(row.side, row.key): row.features for row in learned}


def test_nothing_heard_teaches_nothing(spark: Any) -> None:
    assert trained(spark, []) == {}


def test_one_user_and_one_track_have_factors(spark: Any) -> None:
    learned = trained(spark, [(11, 21, 0, 0, 1.0)])
    assert set(learned) == {("user", 11), ("track", 21)}
    assert all(math.isfinite(x) for features in learned.values() for x in features)


def test_keys_may_be_of_64_bits(spark: Any) -> None:
    learned = trained(spark, [(FAR, -FAR, 0, 0, 1.0), (FAR + 1, -FAR, 1, 0, 1.0)])
    assert set(learned) == {("user", FAR), ("user", FAR + 1), ("track", -FAR)}


@pytest.mark.parametrize("indexes", [(FAR, 0), (0, 2**31), (-1, 0)])
def test_indexes_past_32_bits_are_refused(spark: Any, indexes: tuple[int, int]) -> None:
    with pytest.raises(UnfitInteractionsError, match="1 of 2 interactions"):
        trained(spark, [(11, 21, 0, 0, 1.0), (12, 22, *indexes, 1.0)])


@pytest.mark.parametrize("strength", [math.nan, -1.0, math.inf, None])
def test_a_strength_that_is_none_is_refused(spark: Any, strength: float | None) -> None:
    with pytest.raises(UnfitInteractionsError, match="1 of 2 interactions"):
        trained(spark, [(11, 21, 0, 0, 1.0), (12, 21, 1, 0, strength)])


@pytest.mark.parametrize("strength", [math.log1p(1_000_000), 1_000_000.0])
def test_a_bot_that_plays_a_million_times_breaks_nothing(spark: Any, strength: float) -> None:
    listening: list[Row] = [
        (user, track, user, track, 1.0)
        for user in range(6)
        for track in range(6)
        if user % 2 == track % 2
    ]
    learned = trained(spark, [*listening, (6, 0, 6, 0, strength)])
    assert all(math.isfinite(x) for features in learned.values() for x in features)

    def liking(user: int, track: int) -> float:
        pairs = zip(learned["user", user], learned["track", track], strict=True)
        return sum(a * b for a, b in pairs)

    assert liking(2, 4) > liking(2, 3)
    assert 0.5 < liking(6, 0) < 1.5


def test_one_core_or_two_give_the_same_lists(spark: Any, tmp_path: Path) -> None:
    """The same tracks at the same ranks; scores to a millionth."""
    cores = 2 if spark.sparkContext.defaultParallelism == 1 else 1
    words = [sys.executable, "-m", "tests.recommender.reproduced", f"local[{cores}]"]
    places = {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable}
    done = subprocess.run(
        words, cwd=tmp_path, env=os.environ | places, capture_output=True, text=True, check=True
    )
    here, there = lists(spark), json.loads(done.stdout)
    assert [row[:3] for row in here] == [tuple(row[:3]) for row in there]
    assert [row[3] for row in here] == pytest.approx([row[3] for row in there], rel=1e-6)


def test_versions_follow_data_and_parameters(spark: Any) -> None:
    def version(rows: list[tuple[int, int, float, bool]], *, rank: int) -> str:
        schema = "user_key long, track_key long, strength double, is_holdout boolean"
        frame = spark.createDataFrame(rows, schema)
        return model_version(frame, replace(PARAMETERS, rank=rank))

    rows = [(1, 2, 3.0, False), (1, 3, 1.0, True)]
    assert version(rows, rank=8) == version(rows[::-1], rank=8)
    assert version(rows, rank=8) != version(rows, rank=9)
    assert version(rows, rank=8) != version(rows[:1], rank=8)
    assert version(rows, rank=8) != version([(1, 2, 2.0, False), (1, 3, 1.0, True)], rank=8)


def test_parameters_may_be_text_as_in_yaml() -> None:
    texts: dict[str, object] = {name: str(it) for name, it in asdict(PARAMETERS).items()}
    told = {"neighbour_shares": ["0.5", 1], "recent_shares": ["0"]}
    read = Parameters.read(texts | told)
    assert read == replace(PARAMETERS, neighbour_shares=(0.5, 1.0), recent_shares=(0.0,))


def test_what_a_score_may_be_made_of_has_no_recency_without_neighbours() -> None:
    shares = {"neighbour_shares": (0.5, 0.0), "recent_shares": (0.0, 0.2), "recent_tracks": 9.0}
    told = replace(PARAMETERS, **shares)  # type: ignore[arg-type]
    assert told.mixes == [Mix(0.5), Mix(0.5, 0.2, 9.0), ALS]
