"""Each user's best unheard tracks by the factors of the version that is served."""

from __future__ import annotations

from functools import partial

from pyspark.sql import functions as F

from recommender.blending import heaviest
from recommender.lists import best_unheard
from recommender.versions import as_of_now, chosen, trained_with


def model(dbt, session):
    """Wire the parameters of the YAML to `best_unheard`; one row per user and track."""
    dbt.config(materialized="table")
    interactions = dbt.ref("als_input")
    factors = chosen(
        dbt.ref("als_factors").where("purpose = 'serving'"),
        dbt.ref("model_versions"),
        wanted=dbt.config.meta_get("model_version"),
    )
    told = trained_with(factors)
    served = best_unheard(
        interactions,
        as_of_now(factors, interactions),
        length=int(dbt.config.meta_get("list_length")),
        mix=told["mix"],
        blocked=dbt.ref("blocked_tracks"),
        explain=partial(heaviest, **told),
    )
    versions = factors.agg(F.max("model_version").alias("model_version"))
    return served.crossJoin(versions)
