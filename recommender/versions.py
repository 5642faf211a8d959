"""Versions of the model: which are kept, which is newest, and which the lists are made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from recommender.blending import ALS, Mix

NONE = "none"
# How a version came about, the same in all rows of its factors.
TRAINING = (
    "struct<trained_at:timestamp,seconds:double,landed_until:timestamp,listened_until:timestamp,"
    "interaction_count:bigint,parameters:string,neighbour_share:double,recent_share:double,code_version:string,"
    "wanted_at:timestamp,previous_version:string>"
)


class UnknownVersionError(ValueError):
    """A version that is asked for is not kept; the message names those that are."""


def table(session: SparkSession, name: str) -> DataFrame | None:
    """A table, or None when there is none yet."""
    return session.table(name) if session.catalog.tableExists(name) else None


def factors_so_far(session: SparkSession, name: str) -> DataFrame | None:
    """The table of factors; None when there is none, or one of other columns, which begins anew."""
    before = table(session, name)
    if before is None or dict(before.dtypes).get("training") != TRAINING:
        return None
    return before


def served_version(recommendations: DataFrame | None) -> str | None:
    """The version that the lists are made of; None when no model made them."""
    if recommendations is None:
        return None
    (row,) = recommendations.agg(F.max("model_version").alias("version")).collect()
    return None if row.version == NONE else row.version


def newest(factors: DataFrame) -> Row | None:
    """The version that was asked for last: `model_version`, `wanted_at`, `previous_version`.

    Args:
        factors: a row per version, purpose, side and thing: `model_version` and `training`, which
            holds `wanted_at` and `previous_version`.
    """
    asked = factors.select("model_version", "training.wanted_at", "training.previous_version")
    return asked.distinct().orderBy(F.desc("wanted_at"), "model_version").first()


def with_version(
    before: DataFrame | None,
    version: str,
    *,
    train: Callable[[], DataFrame],
    served: str | None,
    keep: int,
) -> DataFrame:
    """Add a version to those that are kept, and let go of the oldest.

    A version that is there is not trained again.

    Args:
        before: the factors that are kept so far, as `newest` takes them.
        version: what data, parameters and code ask for.
        train: gives the version's factors, without `model_version`; its `training` may leave out
            `wanted_at` and `previous_version`.
        served: the version that the lists are made of; it is kept, however old, and is the new
            one's `previous_version`.
        keep: how many versions are kept besides, the new one among them.

    Returns:
        The factors of all that are kept.
    """
    asked = {} if before is None else _asked(before)
    order = sorted(asked, key=lambda name: asked[name], reverse=True)
    if before is not None and order and order[0] == version:
        return before
    previous: Column = F.lit(served if served != version else None).cast("string")
    if before is not None and version in asked:
        added = before.where(F.col("model_version") == version)
        previous = F.coalesce(previous, "training.previous_version")
    else:
        added = train().withColumn("model_version", F.lit(version))
    added = added.withColumn(
        "training",
        F.col("training")
        .withField("wanted_at", F.current_timestamp())
        .withField("previous_version", previous),
    )
    others = [name for name in order if name != version]
    kept = {*others[: keep - 1], served}
    if before is None or not kept & set(others):
        return added
    return added.unionByName(before.where(F.col("model_version").isin(kept & set(others))))


def chosen(factors: DataFrame, versions: DataFrame, *, wanted: str) -> DataFrame:
    """The factors that lists are made of.

    Args:
        factors: the factors of all versions that are kept.
        versions: a row per version: `model_version`, `wanted_at`, `is_kept`, `is_accepted` and
            `previous_version`.
        wanted: a version; if empty, the newest if it is accepted, else the one served before it.

    Returns:
        Its factors; no rows when there is none that may be served.

    Raises:
        UnknownVersionError: the version that is wanted is not kept.
    """
    kept = versions.where("is_kept").orderBy(F.desc("wanted_at"), "model_version").collect()
    names = [row.model_version for row in kept]
    if wanted and wanted not in names:
        raise UnknownVersionError(
            f"there is no version {wanted}; those kept are {', '.join(names) or NONE}"
        )
    version = wanted
    if kept and not wanted:
        version = kept[0].model_version if kept[0].is_accepted else kept[0].previous_version
    return factors.where(F.col("model_version") == F.lit(version))


def trained_with(factors: DataFrame) -> dict[str, Any]:
    """The `mix`, `alpha` and `regularization` of a version, as `heaviest` takes them."""
    first = factors.select("training.*").first()
    if not first:
        return {"mix": ALS, "alpha": 0.0, "regularization": 0.0}
    told = json.loads(first.parameters)
    mix = Mix(first.neighbour_share, first.recent_share, told["recent_tracks"])
    return {"mix": mix, "alpha": told["alpha"], "regularization": told["regularization"]}


def held_out(factors: DataFrame) -> float | None:
    """The share of discoveries that a version's evaluation leaves out; None where none is told."""
    first = factors.select("training.parameters").first()
    told: float | None = json.loads(first.parameters).get("holdout_share") if first else None
    return told


def as_of_now(factors: DataFrame, interactions: DataFrame) -> DataFrame:
    """Factors of any version with the indexes that tracks have now; those without one are left out.

    Args:
        factors: `side`, `key`, `index` and `features`.
        interactions: `track_key` and `track_index`.
    """
    indexes = interactions.select(F.col("track_key").alias("key"), "track_index").distinct()
    tracks = factors.where("side = 'track'").drop("index").join(F.broadcast(indexes), "key")
    users = factors.where("side = 'user'")
    return users.unionByName(tracks.withColumnRenamed("track_index", "index"))


def _asked(factors: DataFrame) -> dict[str, datetime]:
    rows = factors.groupBy("model_version").agg(F.max("training.wanted_at").alias("at")).collect()
    return {row.model_version: row.at for row in rows}
