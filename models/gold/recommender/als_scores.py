"""Each user's best unheard tracks: for the lists that are served, and those that are evaluated."""

from __future__ import annotations

from pyspark.sql import functions as F

from recommender.lists import best_unheard


def model(dbt, session):
    """Wire the parameters of the YAML to `best_unheard`; one row per purpose, user and track."""
    dbt.config(materialized="table")
    interactions = dbt.ref("als_input")
    factors = dbt.ref("als_factors")
    kept = interactions.where("not is_holdout")
    served = best_unheard(
        interactions,
        factors.where("purpose = 'serving'"),
        length=int(dbt.config.meta_get("list_length")),
    )
    evaluated = best_unheard(
        kept,
        factors.where("purpose = 'evaluation'"),
        length=int(dbt.config.meta_get("evaluation_depth")),
    )
    versions = factors.agg(F.max("model_version").alias("model_version"))
    return (
        served.withColumn("purpose", F.lit("serving"))
        .unionByName(evaluated.withColumn("purpose", F.lit("evaluation")))
        .crossJoin(versions)
    )
