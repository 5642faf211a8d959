"""Implicit-feedback ALS (Hu, Koren and Volinsky, 2008) and each user's best unheard tracks.

Trained twice: on all listening for the lists that are served, and on what is not held out
for the lists that are evaluated.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pyarrow as pa
from pyspark.ml.recommendation import ALS
from pyspark.sql import functions as F

SCHEMA = "user_key bigint, track_key bigint, rank int, score double"
USERS_AT_ONCE = 256
GROUP = 64


def model(dbt, session):
    """Wire the parameters of the YAML to `recommend`; one row per purpose, user and track."""
    dbt.config(materialized="table")
    interactions = dbt.ref("als_input")
    parameters = {
        "rank": int(dbt.config.meta_get("rank")),
        "iterations": int(dbt.config.meta_get("iterations")),
        "regularization": float(dbt.config.meta_get("regularization")),
        "alpha": float(dbt.config.meta_get("alpha")),
        "seed": int(dbt.config.meta_get("seed")),
        "blocks": int(dbt.config.meta_get("blocks")),
    }
    kept = interactions.where("not is_holdout")
    served = recommend(interactions, length=int(dbt.config.meta_get("list_length")), **parameters)
    evaluated = recommend(kept, length=int(dbt.config.meta_get("evaluation_depth")), **parameters)
    return (
        served.withColumn("purpose", F.lit("serving"))
        .unionByName(evaluated.withColumn("purpose", F.lit("evaluation")))
        .withColumn("model_version", F.lit(model_version(interactions, parameters)))
    )


def model_version(interactions, parameters):
    """Name a model by what makes it: the same data and parameters give the same version."""
    columns = ["user_key", "track_key", "play_count", "is_holdout"]
    row = interactions.agg(
        F.count(F.lit(1)).alias("rows"), F.bit_xor(F.xxhash64(*columns)).alias("digest")
    ).first()
    made_of = json.dumps([row.rows, row.digest, parameters], sort_keys=True)
    return f"als-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"


def recommend(interactions, *, length, rank, iterations, regularization, alpha, seed, blocks):
    """Train on interactions and list each of their users' best tracks.

    Args:
        interactions: a row per user and track: `user_key`, `track_key`, the dense indexes
            `user_index` and `track_index`, and the `strength` of the preference (positive).
        length: tracks per user; fewer only for a user who has not that many left to hear.
        rank: number of factors.
        blocks: into how many parts ALS divides users and tracks. Part of the model: another
            number starts from other random factors.

    Returns:
        `user_key`, `track_key`, `rank` from 1, `score` (predicted preference, about 0 to 1).
        A track the user has in `interactions` is never listed. No rows for no interactions.
    """
    if interactions.isEmpty():
        return interactions.sparkSession.createDataFrame([], SCHEMA)
    als = ALS(
        userCol="user_index",
        itemCol="track_index",
        ratingCol="strength",
        implicitPrefs=True,
        rank=rank,
        maxIter=iterations,
        regParam=regularization,
        alpha=alpha,
        seed=seed,
        numUserBlocks=blocks,
        numItemBlocks=blocks,
    )
    fitted = als.fit(interactions.select("user_index", "track_index", "strength"))
    tracks = interactions.select("track_index", "track_key").distinct()
    tracks = (
        fitted.itemFactors.join(tracks, F.col("id") == F.col("track_index"))
        .select("track_index", "track_key", "features")
        .toPandas()
        .sort_values("track_index")
    )
    users = (
        interactions.groupBy("user_index", "user_key")
        .agg(F.collect_list("track_index").alias("heard"))
        .join(fitted.userFactors, F.col("id") == F.col("user_index"))
        .select("user_key", "features", "heard")
    )
    score = scorer(
        track_keys=tracks["track_key"].to_numpy(),
        track_indexes=tracks["track_index"].to_numpy(),
        factors=np.stack(tracks["features"]).astype(np.float32),
        length=length,
    )
    return users.mapInArrow(score, SCHEMA)


def scorer(*, track_keys, track_indexes, factors, length):
    """Make the function that turns Arrow batches of users into their lists.

    Args:
        track_keys: keys of the tracks, int64, shape (tracks,).
        track_indexes: their indexes as used in `heard`, ascending, shape (tracks,).
        factors: item factors, float32, shape (tracks, rank).
        length: tracks per list.
    """
    padding = np.zeros((-len(factors) % GROUP, factors.shape[1]), dtype=factors.dtype)
    transposed = np.ascontiguousarray(np.vstack([factors, padding]).T)

    def lists(batches):
        for batch in batches:
            for start in range(0, batch.num_rows, USERS_AT_ONCE):
                yield best_unheard(batch.slice(start, USERS_AT_ONCE))

    def best_unheard(users):
        features = users["features"].flatten().to_numpy(zero_copy_only=False)
        scores = features.reshape(users.num_rows, -1).astype(np.float32) @ transposed
        scores[:, len(track_keys) :] = -np.inf
        heard = users["heard"]
        rows = np.repeat(np.arange(users.num_rows), heard.value_lengths().to_numpy())
        scores[rows, np.searchsorted(track_indexes, heard.flatten().to_numpy())] = -np.inf
        best, values = highest(scores.reshape(users.num_rows, -1, GROUP), length)
        listed = np.isfinite(values)
        user_keys = users["user_key"].to_numpy()
        return pa.RecordBatch.from_arrays(
            [
                pa.array(np.repeat(user_keys, listed.sum(axis=1))),
                pa.array(track_keys[best[listed]]),
                pa.array((np.nonzero(listed)[1] + 1).astype(np.int32)),
                pa.array(values[listed].astype(np.float64)),
            ],
            names=["user_key", "track_key", "rank", "score"],
        )

    return lists


def highest(grouped, length):
    """Find the highest scores of each row, and where they stand; ties by place.

    A score among the `length` highest is always in one of the `length` groups with the highest
    maxima, so that only those are looked into.

    Args:
        grouped: scores, shape (rows, groups, members).
        length: how many.

    Returns:
        Places in the row and scores, highest first, each of shape (rows, length) or narrower.
    """
    rows, groups, members = grouped.shape
    width = min(length, groups)
    chosen = np.argpartition(grouped.max(axis=2), -width, axis=1)[:, -width:, None]
    scores = np.take_along_axis(grouped, chosen, axis=1).reshape(rows, -1)
    places = (chosen * members + np.arange(members)).reshape(rows, -1)
    width = min(length, scores.shape[1])
    inside = np.argpartition(scores, -width, axis=1)[:, -width:]
    scores = np.take_along_axis(scores, inside, axis=1)
    places = np.take_along_axis(places, inside, axis=1)
    order = np.lexsort((places, -scores), axis=1)
    return np.take_along_axis(places, order, axis=1), np.take_along_axis(scores, order, axis=1)
