"""What Python says of lists, by which parameters are chosen, is what the models in SQL say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recommender.judging import Judged, judged_by_share
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
    share = trained_with(factors)["neighbour_share"]
    judged = judged_by_share(
        interactions, as_of_now(factors, interactions), [share], most_users=EVERYBODY
    )
    assert len(judged[share].ndcg) > 50
    assert judged[share].ndcg.mean() > 0
    assert same(judged[share], told_by_sql(spark, "model"))
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
    assert all(set(trial.judged) == {0.0, 1.0} for trial in trials)
    assert trials[0].ndcg == pytest.approx(trials[0].judged[0.0].ndcg[::2].mean())
    assert (trials[0].judged[1.0].ndcg == trials[1].judged[1.0].ndcg).all()


def test_without_a_holdout_nothing_is_tried(spark: Any) -> None:
    interactions = spark.table("gold.als_input").where("not is_holdout").limit(50)
    assert list(search(interactions, SMALL, {"rank": (4,)}, most_users=40)) == []
