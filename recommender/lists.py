"""Lists from factors: each user's best unheard tracks, and what is similar to what."""

from __future__ import annotations

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from recommender.topn import Lists, scorer

BEST = "key bigint, item_key bigint, rank int, score double"


def best_unheard(interactions: DataFrame, factors: DataFrame, *, length: int) -> DataFrame:
    """List each user's best tracks.

    Args:
        interactions: a row per user and track heard: `user_key` and `track_index`.
        factors: a row per user and track, as `train` gives them.
        length: tracks per user; fewer only for a user who has not that many left to hear.

    Returns:
        `user_key`, `track_key`, `rank` from 1, `score` (predicted preference, about 0 to 1).
        A track the user has in `interactions` is never listed.
    """
    users = factors.where("side = 'user'")
    heard = interactions.groupBy("user_key").agg(F.collect_list("track_index").alias("left_out"))
    rows = users.join(heard, F.col("key") == F.col("user_key")).select(
        "key", "features", "left_out"
    )
    best = _best(rows, factors.where("side = 'track'"), length=length)
    return best.withColumnsRenamed({"key": "user_key", "item_key": "track_key"})


def most_similar(factors: DataFrame, *, length: int) -> DataFrame:
    """List for each row the others whose factors point the same way.

    Args:
        factors: `key`, `index` (unique) and `features`; rows without length are left out.
        length: others per row.

    Returns:
        `key`, `item_key`, `rank` from 1, `score`: the cosine, -1 to 1.
    """
    norm = F.sqrt(F.aggregate("features", F.lit(0.0), lambda total, x: total + x * x))
    unit = (
        factors.withColumn("norm", norm)
        .where("norm > 0")
        .select(
            "key", "index", F.expr("transform(features, x -> cast(x / norm as float)) features")
        )
    )
    rows = unit.select("key", "features", F.array("index").alias("left_out"))
    return _best(rows, unit, length=length)


def artist_factors(tracks: DataFrame, artists: DataFrame) -> DataFrame:
    """Factors of artists: the sum of their tracks', in which those much heard weigh more.

    Args:
        tracks: `key`, `index` and `features` of tracks.
        artists: `track_key` and `artist_key`, a row per track.

    Returns:
        `key`, `index` and `features`.
    """
    summed = (
        tracks.join(artists, F.col("key") == F.col("track_key"))
        .select("artist_key", F.posexplode("features").alias("place", "value"))
        .groupBy("artist_key", "place")
        .agg(F.sum("value").alias("value"))
        .groupBy(F.col("artist_key").alias("key"))
        .agg(F.sort_array(F.collect_list(F.struct("place", "value"))).alias("values"))
    )
    return summed.selectExpr(
        "key",
        "cast(row_number() over (order by key) - 1 as int) as index",
        "cast(values.value as array<float>) as features",
    )


def _best(rows: DataFrame, items: DataFrame, *, length: int) -> DataFrame:
    listed = items.select("key", "index", "features").toPandas().sort_values("index")
    if listed.empty:
        return rows.sparkSession.createDataFrame([], BEST)
    score: Lists = scorer(
        item_keys=listed["key"].to_numpy(),
        item_indexes=listed["index"].to_numpy(),
        factors=np.stack(list(listed["features"])).astype(np.float32),
        length=length,
    )
    return rows.mapInArrow(score, BEST)
