"""Lists from factors: each user's best unheard tracks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from scipy.sparse import csr_array

from recommender.blending import ALS, Mix, blend
from recommender.topn import Because, Items, scorer

BEST = "key bigint, item_key bigint, rank int, score double, because_key bigint"


def best_unheard(
    interactions: DataFrame,
    factors: DataFrame,
    *,
    length: int,
    mix: Mix = ALS,
    blocked: DataFrame | None = None,
    explain: Callable[[Items], Because] | None = None,
) -> DataFrame:
    """List each user's best tracks.

    Args:
        interactions: a row per user and track heard, as `with_heard` takes them.
        factors: a row per user and track, as `train` gives them.
        length: tracks per user; fewer only for a user who has not that many left to hear.
        mix: of what the score is made.
        blocked: `track_key` of tracks that are on no list.
        explain: makes what says which heard track weighed most, as `heaviest` does.

    Returns:
        `user_key`, `track_key`, `rank` from 1, `score` (predicted preference, about 0 to 1) and
        `because_key`, the heard track that weighed most, if that is explained. A track that the
        user has in `interactions` is never listed.
    """
    rows = with_heard(factors.where("side = 'user'"), interactions)
    items = items_of(factors.where("side = 'track'"), blocked)
    because = explain(items) if explain and items else None
    blended = blend(items, mix) if items else None
    best = _best(rows, blended, length=length, because=because)
    return best.withColumnsRenamed({"key": "user_key", "item_key": "track_key"})


def _best(
    rows: DataFrame, items: Items | None, *, length: int, because: Because | None = None
) -> DataFrame:
    if items is None:
        return rows.sparkSession.createDataFrame([], BEST)
    return rows.mapInArrow(scorer(items, length=length, because=because), BEST)


def with_heard(users: DataFrame, interactions: DataFrame) -> DataFrame:
    """Users with what they heard, as `scorer` takes them; those who heard nothing are left out.

    Args:
        users: `key` and `features`.
        interactions: `user_key`, `track_index` and `strength`; also `first_listened_at`, by which
            some tracks were discovered later than others. What was discovered at one moment is
            equally old; a time that is not known is before all others.
    """
    age = F.lit(0)
    if "first_listened_at" in interactions.columns:
        newest = Window.partitionBy("user_key").orderBy(F.desc_nulls_last("first_listened_at"))
        age = F.rank().over(newest) - 1
    strength = F.col("strength").cast("float").alias("strength")
    pairs = interactions.select("user_key", F.struct("track_index", strength, age.alias("age")))
    heard = pairs.toDF("user_key", "pair").groupBy("user_key").agg(F.collect_list("pair"))
    heard = heard.toDF("user_key", "pairs")
    return users.join(heard, F.col("key") == F.col("user_key")).select(
        "key",
        "features",
        F.col("pairs.track_index").alias("heard"),
        F.col("pairs.strength").alias("strengths"),
        F.col("pairs.age").alias("ages"),
    )


def items_of(rows: DataFrame, blocked: DataFrame | None = None) -> Items | None:
    """Collect what is put on lists; None for no rows.

    Args:
        rows: `key`, `index` and `features`; also `neighbour_keys` and `neighbour_weights`, if
            neighbours are to be used.
        blocked: `track_key` of those that are on no list.
    """
    columns = ["key", "index", "features"]
    with_neighbours = "neighbour_keys" in rows.columns
    if with_neighbours:
        columns += ["neighbour_keys", "neighbour_weights"]
    table = rows.select(*columns).toArrow().sort_by("index").combine_chunks()
    if not table.num_rows:
        return None
    keys = table["key"].to_numpy()
    never = np.zeros(len(keys), dtype=np.bool_)
    if blocked is not None:
        never = np.isin(keys, blocked.toArrow()["track_key"].to_numpy())
    return Items(
        keys=keys,
        indexes=table["index"].to_numpy(),
        factors=flat(table["features"]).reshape(len(keys), -1).astype(np.float32),
        never=never,
        neighbours=_neighbours(table, keys) if with_neighbours else None,
    )


def _neighbours(table: pa.Table, keys: NDArray[np.int64]) -> csr_array:
    """Weights of neighbours by place; those that the table does not have are passed over."""
    lengths = pc.list_value_length(table["neighbour_keys"]).fill_null(0).to_numpy()
    heard, weights = flat(table["neighbour_keys"]), flat(table["neighbour_weights"])
    listed = np.repeat(np.arange(len(keys)), lengths)
    order = np.argsort(keys)
    found = np.minimum(np.searchsorted(keys, heard, sorter=order), len(keys) - 1)
    places = order[found]
    known = keys[places] == heard
    where = (places[known], listed[known])
    return csr_array((weights[known], where), shape=(len(keys), len(keys)), dtype=np.float32)


def flat(lists: pa.ChunkedArray[Any]) -> NDArray[Any]:
    """The elements of all lists of a column, one after the other."""
    flattened: pa.ChunkedArray[Any] = pc.list_flatten(lists)  # type: ignore[assignment]
    return flattened.to_numpy()
