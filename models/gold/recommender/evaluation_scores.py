"""What the newest version, and the one served before it, would have listed without the holdout."""

from __future__ import annotations

from pyspark.sql import functions as F

from recommender.lists import best_unheard
from recommender.versions import as_of_now, held_out, newest, trained_with


def model(dbt, session):
    """Wire the YAML to `best_unheard`; one row per recommender, user and track."""
    dbt.config(materialized="table")
    interactions = dbt.ref("als_input")
    kept = interactions.where("not is_holdout")
    factors = dbt.ref("als_factors").where("purpose = 'evaluation'")
    length = int(dbt.config.meta_get("list_length"))
    asked = newest(factors)

    def of(version):
        return factors.where(F.col("model_version") == F.lit(version))

    def lists(recommender, version):
        learned = of(version)
        listed = best_unheard(
            kept,
            as_of_now(learned, interactions),
            length=length,
            mix=trained_with(learned)["mix"],
        ).drop("because_key")
        return listed.withColumn("recommender", F.lit(recommender)).withColumn(
            "model_version", F.lit(version).cast("string")
        )

    scores = lists("model", asked and asked.model_version)
    # What another share held out, the one before may have learned from.
    before = asked and asked.previous_version
    if before and held_out(of(before)) == held_out(of(asked.model_version)):
        scores = scores.unionByName(lists("previous", before))
    return scores
