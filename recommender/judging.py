"""How good lists are at what was held out, to choose how much of the score is the neighbours'."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from recommender.blending import blend
from recommender.lists import items_of, with_heard
from recommender.topn import scorer

DEPTH = 10


def best_share(
    interactions: DataFrame,
    factors: DataFrame,
    shares: Sequence[float],
    *,
    fewest_users: int = 100,
    most_users: int = 2_000,
) -> float:
    """The share of the neighbours with the best NDCG@10 on what is held out.

    Args:
        interactions: `user_key`, `track_key`, `track_index`, `strength` and `is_holdout`.
        factors: as `train` gives them for what is not held out.
        shares: to choose from, the usual one first; it wins ties.
        fewest_users: with fewer held-out users, chance would choose: it is the usual one.
        most_users: who are judged by, always the same ones.
    """
    if len(shares) == 1:
        return shares[0]
    judged = ndcg_by_share(interactions, factors, shares, most_users=most_users)
    users = min((len(values) for values in judged.values()), default=0)
    if users < fewest_users:
        return shares[0]
    return max(shares, key=lambda share: judged[share].mean())


def ndcg_by_share(
    interactions: DataFrame, factors: DataFrame, shares: Sequence[float], *, most_users: int
) -> dict[float, np.ndarray]:
    """The NDCG@10 of each user, by the share of the neighbours in the score.

    Args:
        interactions: as in `best_share`.
        factors: as in `best_share`.
        shares: of the neighbours, 0 to 1.
        most_users: who are looked at, always the same ones.
    """
    held_out = interactions.where("is_holdout")
    chosen = (
        held_out.select("user_key")
        .distinct()
        .orderBy(F.xxhash64("user_key"), "user_key")
        .limit(most_users)
    )
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
    for share in shares:
        score = scorer(blend(items, share), length=DEPTH)
        judged[share] = ndcg_of(pa.Table.from_batches(score(iter(rows.to_batches()))), wanted)
    return judged


def ndcg_of(listed: pa.Table, wanted: pa.Table) -> np.ndarray:
    """Of each user with something wanted: what was found over what could have been."""
    gain = 1 / np.log2(np.arange(2, DEPTH + 2))
    counts = wanted.group_by("key").aggregate([("item_key", "count")]).sort_by("key")
    hits = listed.join(wanted, keys=["key", "item_key"], join_type="inner")
    found = np.zeros(counts.num_rows)
    places = np.searchsorted(counts["key"].to_numpy(), hits["key"].to_numpy())
    np.add.at(found, places, gain[hits["rank"].to_numpy() - 1])
    most = np.minimum(counts["item_key_count"].to_numpy(), DEPTH)
    ndcg: np.ndarray = found / np.cumsum(gain)[most - 1]
    return ndcg
