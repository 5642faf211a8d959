"""Factors of users and tracks, trained on all listening and on what is not held out."""

from __future__ import annotations

from pyspark.sql import functions as F

from recommender.blas import warn_without_native_blas
from recommender.training import Parameters, model_version, train


def model(dbt, session):
    """Wire the parameters of the YAML to `train`; one row per purpose, side and thing."""
    dbt.config(materialized="table")
    interactions = dbt.ref("als_input")
    parameters = Parameters.from_text(
        {
            "rank": dbt.config.meta_get("rank"),
            "iterations": dbt.config.meta_get("iterations"),
            "regularization": dbt.config.meta_get("regularization"),
            "alpha": dbt.config.meta_get("alpha"),
            "seed": dbt.config.meta_get("seed"),
            "blocks": dbt.config.meta_get("blocks"),
        }
    )
    warn_without_native_blas(session)
    served = train(interactions, parameters)
    evaluated = train(interactions.where("not is_holdout"), parameters)
    return (
        served.withColumn("purpose", F.lit("serving"))
        .unionByName(evaluated.withColumn("purpose", F.lit("evaluation")))
        .withColumn("model_version", F.lit(model_version(interactions, parameters)))
    )
