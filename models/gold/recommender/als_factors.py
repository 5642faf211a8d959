"""Factors of users and tracks, trained on all listening and on what is not held out."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from pyspark.sql import functions as F

from recommender import versions
from recommender.blas import warn_without_native_blas
from recommender.judging import best_mix
from recommender.training import Parameters, code_version, model_version, train


def model(dbt, session):
    """Wire the parameters of the YAML to `train`; one row per version, purpose, side and thing."""
    dbt.config(materialized="table", partition_by=["model_version"])
    interactions = dbt.ref("als_input")
    listens = dbt.ref("listen_history")
    # By name: dbt reads this file, and gives a model the values it sees asked for.
    parameters = Parameters.read(
        {
            "rank": dbt.config.meta_get("rank"),
            "iterations": dbt.config.meta_get("iterations"),
            "regularization": dbt.config.meta_get("regularization"),
            "alpha": dbt.config.meta_get("alpha"),
            "seed": dbt.config.meta_get("seed"),
            "blocks": dbt.config.meta_get("blocks"),
            "neighbours": dbt.config.meta_get("neighbours"),
            "ridge": dbt.config.meta_get("ridge"),
            "popularity_ridge": dbt.config.meta_get("popularity_ridge"),
            "neighbour_shares": dbt.config.meta_get("neighbour_shares"),
            "recent_shares": dbt.config.meta_get("recent_shares"),
            "recent_tracks": dbt.config.meta_get("recent_tracks"),
            "heaviest_listener": dbt.config.meta_get("heaviest_listener"),
        }
    )
    holdout_share = float(dbt.config.meta_get("holdout_share"))

    def trained():
        warn_without_native_blas(session)
        started = time.monotonic()
        served = train(interactions, parameters).persist()
        evaluated = train(interactions.where("not is_holdout"), parameters).persist()
        mix = best_mix(interactions, evaluated, parameters.mixes)
        served.count()
        told = asdict(parameters) | {"holdout_share": holdout_share}
        training = listens.agg(
            F.struct(
                F.current_timestamp().alias("trained_at"),
                F.lit(round(time.monotonic() - started, 3)).alias("seconds"),
                F.max("ingested_at").alias("landed_until"),
                F.max("listened_at").alias("listened_until"),
                F.lit(interactions.count()).cast("long").alias("interaction_count"),
                F.lit(json.dumps(told)).alias("parameters"),
                F.lit(mix.neighbour_share).alias("neighbour_share"),
                F.lit(mix.recent_share).alias("recent_share"),
                F.lit(code_version()).alias("code_version"),
            ).alias("training")
        )
        both = served.withColumn("purpose", F.lit("serving")).unionByName(
            evaluated.withColumn("purpose", F.lit("evaluation"))
        )
        return both.crossJoin(F.broadcast(training))

    before = versions.factors_so_far(session, str(dbt.this))
    # Which lists there are now is read by their name: they are made of this table.
    lists = versions.table(session, f"{dbt.this.schema}.recommendations")
    return versions.with_version(
        before,
        model_version(interactions, parameters),
        train=trained,
        served=versions.served_version(lists),
        keep=int(dbt.config.meta_get("versions_kept")),
    )
