"""What is similar to what, by the angle between factors: tracks, and artists."""

from __future__ import annotations

from pyspark.sql import functions as F

from recommender.lists import artist_factors, most_similar
from recommender.versions import chosen


def model(dbt, session):
    """Wire the parameters of the YAML to `most_similar`; one row per kind, thing and place."""
    dbt.config(materialized="table")
    factors = chosen(
        dbt.ref("als_factors").where("purpose = 'serving' and side = 'track'"),
        dbt.ref("model_versions"),
        wanted=dbt.config.meta_get("model_version"),
    )
    artists = dbt.ref("dim_track").where("artist_key != -1").select("track_key", "artist_key")
    length = int(dbt.config.meta_get("list_length"))
    tracks = most_similar(factors, length=length)
    versions = factors.agg(F.max("model_version").alias("model_version"))
    return (
        tracks.withColumn("kind", F.lit("track"))
        .unionByName(
            most_similar(artist_factors(factors, artists), length=length).withColumn(
                "kind", F.lit("artist")
            )
        )
        .withColumnRenamed("item_key", "similar_key")
        .crossJoin(versions)
    )
