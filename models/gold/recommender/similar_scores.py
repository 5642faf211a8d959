"""What is similar to what, by the angle between factors: tracks, and artists."""

from __future__ import annotations

from pyspark.sql import functions as F

from recommender.similar import similar_of_both
from recommender.versions import chosen


def model(dbt, session):
    """Wire the parameters of the YAML to `similar_of_both`; one row per kind, thing and place."""
    dbt.config(materialized="table")
    factors = chosen(
        dbt.ref("als_factors").where("purpose = 'serving' and side = 'track'"),
        dbt.ref("model_versions"),
        wanted=dbt.config.meta_get("model_version"),
    )
    artists = dbt.ref("dim_track").where("artist_key != -1").select("track_key", "artist_key")
    similar = similar_of_both(
        factors,
        artists,
        length=int(dbt.config.meta_get("list_length")),
        blocked=dbt.ref("blocked_tracks"),
    )
    versions = factors.agg(F.max("model_version").alias("model_version"))
    return similar.crossJoin(versions)
