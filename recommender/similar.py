"""What is similar to what, by the angle between factors: tracks, and artists."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from recommender.alike import most_alike
from recommender.lists import items_of
from recommender.topn import listed_rows

ALIKE = "key bigint, item_key bigint, rank int, score double"


def similar_of_both(
    tracks: DataFrame, artists: DataFrame, *, length: int, blocked: DataFrame
) -> DataFrame:
    """List for each track, and for each artist, the most similar ones.

    Args:
        tracks: `key`, `index` and `features` of tracks.
        artists: `track_key` and `artist_key`, a row per track.
        length: others per track and artist.
        blocked: `track_key` of tracks that are nowhere, as if nobody had heard them.

    Returns:
        `kind` (`track` or `artist`), `key`, `similar_key`, `rank` from 1, `score`: the cosine.
    """
    open_tracks = tracks.join(blocked, F.col("key") == F.col("track_key"), "left_anti")
    of_tracks = most_similar(open_tracks, length=length)
    of_artists = most_similar(artist_factors(open_tracks, artists), length=length)
    both = of_tracks.withColumn("kind", F.lit("track")).unionByName(
        of_artists.withColumn("kind", F.lit("artist"))
    )
    return both.withColumnRenamed("item_key", "similar_key")


def most_similar(factors: DataFrame, *, length: int) -> DataFrame:
    """List for each row the others whose factors point the same way.

    Args:
        factors: `key`, `index` (unique) and `features`; rows without length are left out.
        length: others per row.

    Returns:
        `key`, `item_key`, `rank` from 1, `score`: the cosine, -1 to 1.
    """
    spark = factors.sparkSession
    items = items_of(factors.select("key", "index", "features"))  # and no neighbours
    if items is None:
        return spark.createDataFrame([], ALIKE)
    unit, has_length = _directions(items.factors)
    keys, unit = items.keys[has_length], unit[has_length]

    def similar(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        numbers = [batch["id"].to_numpy() for batch in batches if batch.num_rows]
        if numbers:  # of a range, which a task has an unbroken part of
            rows = slice(int(numbers[0][0]), int(numbers[-1][-1]) + 1)
            for own, places, scores in most_alike(unit, rows, length):
                yield listed_rows(keys[own], keys, places, scores, np.isfinite(scores))

    # All workers have the factors, so that rows are numbers alone; as many tasks as cores.
    return spark.range(len(keys)).mapInArrow(similar, ALIKE)


def _directions(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Vectors of length one, and which have a length at all."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    has_length: NDArray[np.bool_] = lengths > 0
    return (vectors / np.where(has_length, lengths, 1)[:, None]).astype(np.float32), has_length


def artist_factors(tracks: DataFrame, artists: DataFrame) -> DataFrame:
    """Factors of artists: the sum of their tracks', in which those much heard weigh more.

    Args:
        tracks: `key`, `index` and `features` of tracks.
        artists: `track_key` and `artist_key`, a row per track.

    Returns:
        `key`, `index` and `features`.
    """
    summed = (
        tracks.join(artists, F.col("key") == F.col("track_key"))
        .select("artist_key", F.posexplode("features").alias("place", "value"))
        .groupBy("artist_key", "place")
        .agg(F.sum("value").alias("value"))
        .groupBy(F.col("artist_key").alias("key"))
        .agg(F.sort_array(F.collect_list(F.struct("place", "value"))).alias("values"))
    )
    return summed.selectExpr(
        "key",
        "cast(row_number() over (order by key) - 1 as int) as index",
        "cast(values.value as array<float>) as features",
    )
