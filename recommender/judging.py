"""How good lists are at what was held out: by it the mix of the score is chosen, and `tune` tells.

`evaluated_users.sql` measures the same of the lists that are kept; a test holds both together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from recommender.blending import Mix, blend
from recommender.lists import items_of, with_heard
from recommender.topn import scorer

DEPTH = 10
RECALL_DEPTH = 20


@dataclass(frozen=True)
class Judged:
    """How good lists are, user by user, in the order of the keys of those with a holdout.

    Attributes:
        ndcg: at `DEPTH`, shape (users,).
        recall: at `RECALL_DEPTH`, shape (users,).
        precision: average precision at `DEPTH`, shape (users,).
        items: how many different ones the first `DEPTH` places of all lists have.
    """

    ndcg: NDArray[np.float64]
    recall: NDArray[np.float64]
    precision: NDArray[np.float64]
    items: int


def best_mix(
    interactions: DataFrame,
    factors: DataFrame,
    mixes: Sequence[Mix],
    *,
    fewest_users: int = 100,
    most_users: int = 2_000,
) -> Mix:
    """The mix with the best NDCG@10 on what is held out.

    Args:
        interactions: as `with_heard` takes them, with `track_key` and `is_holdout`.
        factors: as `train` gives them for what is not held out.
        mixes: to choose from, the usual one first; it wins ties.
        fewest_users: with fewer held-out users, chance would choose: it is the usual one.
        most_users: who are judged by, always the same ones.
    """
    if len(mixes) == 1:
        return mixes[0]
    judged = judged_by_mix(interactions, factors, mixes, most_users=most_users)
    users = min((len(it.ndcg) for it in judged.values()), default=0)
    if users < fewest_users:
        return mixes[0]
    return max(mixes, key=lambda mix: judged[mix].ndcg.mean())


def judged_by_mix(
    interactions: DataFrame, factors: DataFrame, mixes: Sequence[Mix], *, most_users: int
) -> dict[Mix, Judged]:
    """How good the lists are by what the score is made of; none without a holdout.

    Args:
        interactions: as in `best_mix`.
        factors: as in `best_mix`.
        mixes: to look at.
        most_users: who are looked at, always the same ones.
    """
    held_out = interactions.where("is_holdout")
    chosen = some_users(held_out, most_users)
    users = factors.where("side = 'user'").join(chosen, F.col("key") == F.col("user_key"))
    rows = with_heard(users.drop("user_key"), interactions.where("not is_holdout")).toArrow()
    wanted = (
        held_out.join(chosen, "user_key", "left_semi")
        .select(F.col("user_key").alias("key"), F.col("track_key").alias("item_key"))
        .toArrow()
    )
    items = items_of(factors.where("side = 'track'"))
    if items is None or not rows.num_rows:
        return {}
    judged = {}
    for mix in mixes:
        score = scorer(blend(items, mix), length=max(DEPTH, RECALL_DEPTH))
        judged[mix] = judge(pa.Table.from_batches(score(iter(rows.to_batches()))), wanted)
    return judged


def some_users(interactions: DataFrame, count: int) -> DataFrame:
    """The `user_key` of so many users at most, always the same ones."""
    users = interactions.select("user_key").distinct()
    return users.orderBy(F.xxhash64("user_key"), "user_key").limit(count)


def judge(listed: pa.Table, wanted: pa.Table) -> Judged:
    """Compare lists with what was held out; users without a hit count as well, with zero.

    Args:
        listed: `key`, `item_key` and `rank` from 1.
        wanted: `key` and `item_key`; those who want nothing are not judged.
    """
    counted = wanted.group_by("key").aggregate([("item_key", "count")]).sort_by("key")
    keys, wants = counted["key"].to_numpy(), counted["item_key_count"].to_numpy()
    hits = listed.join(wanted, keys=["key", "item_key"], join_type="inner")
    hits = hits.sort_by([("key", "ascending"), ("rank", "ascending")])
    users, ranks = np.searchsorted(keys, hits["key"].to_numpy()), hits["rank"].to_numpy()
    numbers = np.arange(len(users)) - np.searchsorted(users, users) + 1
    most = np.minimum(wants, DEPTH)

    def total(of_hit: NDArray[np.float64], depth: int) -> NDArray[np.float64]:
        weights = of_hit * (ranks <= depth)
        return np.bincount(users, weights=weights, minlength=len(keys)).astype(np.float64)

    gains = 1 / np.log2(np.arange(2, DEPTH + 2))
    first = listed.filter(pc.field("rank") <= DEPTH)["item_key"]
    return Judged(
        ndcg=total(1 / np.log2(ranks + 1), DEPTH) / np.cumsum(gains)[most - 1],
        recall=total(np.ones(len(users)), RECALL_DEPTH) / wants,
        precision=total(numbers / ranks, DEPTH) / most,
        items=len(first.unique()),
    )
