"""The Spark session of the recommender's bench, as the profile makes it, and its frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from dbt.adapters.sparksession.session import session_for
from pyspark.sql import DataFrame, SparkSession

from bench.listening import Listening

CONF = {"spark.driver.memory": "3g", "spark.sql.shuffle.partitions": "4"}  # as in the profile
NO_NATIVE = " ".join(
    f"-Ddev.ludovic.netlib.{part}.allowNative=false" for part in ("blas", "lapack")
)


@contextmanager
def session(folder: Path, *, cores: int, native: bool = True) -> Iterator[SparkSession]:
    """A session of this process; `native=False` keeps Spark from a native BLAS that is there."""
    options = "-XX:+UseParallelGC" + ("" if native else f" {NO_NATIVE}")
    credentials = SparkSessionCredentials(
        lake=str(folder),
        master=f"local[{cores}]",
        log_file=str(folder / "spark.log"),
        conf=CONF | {"spark.driver.extraJavaOptions": options},
    )
    spark = session_for(credentials)
    yield spark
    spark.stop()


def cached(spark: SparkSession, cores: int, **columns: Any) -> DataFrame:
    """A frame in memory, spread over twice the cores."""
    arrays = {name: _array(values) for name, values in columns.items()}
    frame = spark.createDataFrame(pa.table(arrays)).repartition(2 * cores).cache()
    frame.count()
    return frame


def _array(values: Any) -> pa.Array:
    if values.ndim == 1:
        return pa.array(values)
    offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel()))


def interactions(spark: SparkSession, heard: Listening, cores: int) -> DataFrame:
    """What `recommender.training.train` and `recommender.lists.best_unheard` take."""
    return cached(
        spark,
        cores,
        user_key=heard.users.astype(np.int64),
        track_key=heard.tracks.astype(np.int64),
        user_index=heard.users,
        track_index=heard.tracks,
        strength=heard.strengths,
    )
