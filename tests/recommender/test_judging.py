"""What Python says of lists, by which parameters are chosen, is what the models in SQL say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pyspark.sql import functions as F

from recommender.blending import ALS, NEIGHBOURS, Mix
from recommender.judging import Judged, best_mix, judged_by_mix
from recommender.tuning import judged_popularity, search
from recommender.versions import as_of_now, newest, trained_with
from tests.recommender.reproduced import SMALL

EVERYBODY = 10_000


def told_by_sql(spark: Any, recommender: str) -> Judged:
    """The rows of `gold.evaluated_users`, by user."""
    users = spark.table("gold.evaluated_users").where(f"recommender = '{recommender}'")
    frame = users.orderBy("user_key").toPandas()
    lists = spark.table("gold.evaluated_lists").where(f"recommender = '{recommender}'")
    items = lists.where("rank <= 10").select("track_key").distinct().count()
    return Judged(*(frame[name].to_numpy() for name in ("ndcg", "recall", "map")), items)


def same(ours: Judged, theirs: Judged) -> bool:
    pairs = zip(vars(ours).values(), vars(theirs).values(), strict=True)
    return all(np.allclose(mine, other) for mine, other in pairs)


def test_sql_and_python_judge_the_same(spark: Any) -> None:
    interactions = spark.table("gold.als_input")
    factors = spark.table("gold.als_factors").where("purpose = 'evaluation'")
    version = newest(factors)
    assert version
    factors = factors.where(f"model_version = '{version.model_version}'")
    mix = trained_with(factors)["mix"]
    judged = judged_by_mix(
        interactions, as_of_now(factors, interactions), [mix], most_users=EVERYBODY
    )
    assert len(judged[mix].ndcg) > 50
    assert judged[mix].ndcg.mean() > 0
    assert same(judged[mix], told_by_sql(spark, "model"))
    popularity = judged_popularity(interactions, most_users=EVERYBODY)
    assert same(popularity, told_by_sql(spark, "popularity"))


def test_a_search_goes_on_from_the_best_of_each_parameter(spark: Any) -> None:
    interactions = spark.table("gold.als_input")
    start = replace(SMALL, rank=2, iterations=1, neighbour_shares=(0.0,))
    grid = {"rank": (2, 6), "seed": (7, 8)}
    trials = list(search(interactions, start, grid, most_users=40))
    best = max(trials[:2], key=lambda trial: trial.ndcg).parameters.rank
    tried = [(trial.parameters.rank, trial.parameters.seed) for trial in trials]
    assert tried == [(2, 7), (6, 7), (best, 8)]
    assert all(set(trial.judged) == {ALS, NEIGHBOURS} for trial in trials)
    assert trials[0].ndcg == pytest.approx(trials[0].judged[ALS].ndcg[::2].mean())
    assert (trials[0].judged[NEIGHBOURS].ndcg == trials[1].judged[NEIGHBOURS].ndcg).all()


def test_without_a_holdout_nothing_is_tried(spark: Any) -> None:
    interactions = spark.table("gold.als_input").where("not is_holdout").limit(50)
    assert list(search(interactions, SMALL, {"rank": (4,)}, most_users=40)) == []


def test_recency_is_chosen_where_users_go_on_from_what_they_found_last(spark: Any) -> None:
    """Each track speaks for another one, the older a little more; the newest is right."""
    heard = [(user, track, track, 1.0, f"2026-01-{track + 1:02}", False)
             for user in range(3) for track in range(10)]  # fmt: skip
    wanted = [(user, 19, 19, 1.0, "2026-02-01", True) for user in range(3)]
    columns = "user_key long, track_key long, track_index int, strength double"
    schema = f"{columns}, first_listened_at string, is_holdout boolean"
    users = [("user", user, user, [0.0], [], []) for user in range(3)]
    tracks = [("track", track, track, [0.0], [], []) for track in range(10)]
    fans = [("track", 10 + by, 10 + by, [0.0], [by], [1 - by / 100]) for by in range(10)]
    factors = spark.createDataFrame(
        users + tracks + fans,
        "side string, key long, index int, features array<float>, neighbour_keys array<long>,"
        " neighbour_weights array<float>",
    )
    mixes = [Mix(1.0), Mix(1.0, 0.2, 5.0)]
    of_time = spark.createDataFrame(heard + wanted, schema)
    judged = judged_by_mix(of_time, factors, mixes, most_users=EVERYBODY)
    assert [set(judged[mix].ndcg) for mix in mixes] == [{1 / np.log2(11)}, {1.0}]
    assert best_mix(of_time, factors, mixes, fewest_users=3) == mixes[1]
    assert best_mix(of_time, factors, mixes, fewest_users=4) == mixes[0]
    same_day = of_time.withColumn("first_listened_at", F.lit("2026-01-01"))
    assert best_mix(same_day, factors, mixes, fewest_users=3) == mixes[0]
