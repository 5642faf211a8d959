"""Each user's best unheard tracks by the factors of the version that is served."""

from __future__ import annotations

from pyspark.sql import functions as F

from recommender.lists import best_unheard
from recommender.versions import as_of_now, chosen


def model(dbt, session):
    """Wire the parameters of the YAML to `best_unheard`; one row per user and track."""
    dbt.config(materialized="table")
    interactions = dbt.ref("als_input")
    factors = chosen(
        dbt.ref("als_factors").where("purpose = 'serving'"),
        dbt.ref("model_versions"),
        wanted=dbt.config.meta_get("model_version"),
    )
    served = best_unheard(
        interactions,
        as_of_now(factors, interactions),
        length=int(dbt.config.meta_get("list_length")),
    )
    versions = factors.agg(F.max("model_version").alias("model_version"))
    return served.crossJoin(versions)
