"""Each user's best tracks: the recommender's `scorer` against Spark's `recommendForAllUsers`.

Both start from the same random factors, in one session, and are timed in turns. The lists of a
sample of users are compared with brute force first.
"""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyspark
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from dbt.adapters.sparksession.session import session_for
from pyspark.ml.recommendation import ALSModel
from rich.console import Console
from rich.table import Table

from recommender.lists import BEST
from recommender.topn import scorer

CONF = {"spark.driver.memory": "3g", "spark.sql.shuffle.partitions": "4"}  # as in the profile
HEARD = 50
SAMPLE = 200
TOLERANCE = 1e-4


class WrongListError(AssertionError):
    """A list is not the one that brute force finds."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What is benched: `length` tracks a list, `rounds` timed runs of each way."""

    users: int
    tracks: int
    rank: int
    length: int
    rounds: int
    cores: int
    seed: int


@dataclass(frozen=True)
class Factors:
    """Random factors, float32, and the tracks each user heard, shape (users, HEARD)."""

    users: Any
    tracks: Any
    heard: Any


def random_factors(sizes: Sizes) -> Factors:
    """Normal factors; the tracks heard are distinct and ascending."""
    rng = np.random.default_rng(sizes.seed)
    count = min(HEARD, sizes.tracks - sizes.length)
    heard = [np.sort(rng.choice(sizes.tracks, count, replace=False)) for _ in range(sizes.users)]
    return Factors(
        users=rng.normal(size=(sizes.users, sizes.rank)).astype(np.float32),
        tracks=rng.normal(size=(sizes.tracks, sizes.rank)).astype(np.float32),
        heard=np.array(heard, dtype=np.int32),
    )


def frame_of(spark: Any, sizes: Sizes, **columns: Any) -> Any:
    """A frame in memory, spread over twice the cores."""
    arrays = {name: list(rows) if rows.ndim > 1 else rows for name, rows in columns.items()}
    frame = spark.createDataFrame(pa.table(arrays)).repartition(2 * sizes.cores).cache()
    frame.count()
    return frame


def ways(spark: Any, factors: Factors, sizes: Sizes) -> dict[str, Any]:
    """A frame per way, not computed yet; each gives all lists."""
    keys = np.arange(sizes.tracks, dtype=np.int64)
    ids = np.arange(sizes.users, dtype=np.int32)
    users = frame_of(
        spark, sizes, key=ids.astype(np.int64), features=factors.users, left_out=factors.heard
    )
    user_factors = frame_of(spark, sizes, id=ids, features=factors.users)
    track_factors = frame_of(spark, sizes, id=keys.astype(np.int32), features=factors.tracks)
    java = spark._jvm.org.apache.spark.ml.recommendation.ALSModel(
        "bench", sizes.rank, user_factors._jdf, track_factors._jdf
    )
    fitted = ALSModel(java.setUserCol("user").setItemCol("item").setBlockSize(4096))  # defaults
    score = scorer(item_keys=keys, item_indexes=keys, factors=factors.tracks, length=sizes.length)
    return {
        "recommendForAllUsers": fitted.recommendForAllUsers(sizes.length),
        "scorer": users.mapInArrow(score, BEST),
    }


def check(frames: dict[str, Any], factors: Factors, sizes: Sizes) -> int:
    """Compare a sample's lists with brute force; returns how many of each way.

    Raises:
        WrongListError: a list does not hold the best scores.
    """
    sample = range(0, sizes.users, max(1, sizes.users // SAMPLE))
    rows = frames["scorer"].where(f"key % {sample.step} = 0").orderBy("key", "rank")
    scored: dict[int, list[int]] = {}
    for row in rows.collect():
        scored.setdefault(row.key, []).append(row.item_key)
    spark_rows = frames["recommendForAllUsers"].where(f"user % {sample.step} = 0").collect()
    spark_lists = {row.user: [item.item for item in row.recommendations] for row in spark_rows}
    for user in sample:
        exact = factors.tracks.astype(np.float64) @ factors.users[user].astype(np.float64)
        _require_best(spark_lists[user], exact, sizes, user)
        exact[factors.heard[user]] = -np.inf
        _require_best(scored[user], exact, sizes, user)
    return len(sample)


def _require_best(listed: list[int], exact: Any, sizes: Sizes, user: int) -> None:
    best = np.sort(exact)[::-1][: sizes.length]
    if len(set(listed)) != sizes.length or not np.allclose(exact[listed], best, atol=TOLERANCE):
        raise WrongListError(f"user {user}: {listed} scores {exact[listed]}, the best are {best}")


def seconds(work: Callable[[], None]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def table_of(taken: dict[str, list[float]], sizes: Sizes) -> Table:
    """Median seconds of each way and how many times faster it is than Spark's own."""
    title = f"top {sizes.length} of {sizes.tracks:,} tracks for {sizes.users:,} users"
    table = Table(title=f"{title}, rank {sizes.rank}", title_justify="left")
    for column in ("way", "heard tracks", "seconds", "median", "ratio"):
        table.add_column(column, justify="right" if column in ("median", "ratio") else "left")
    slowest = statistics.median(taken["recommendForAllUsers"])
    for name, times in taken.items():
        middle = statistics.median(times)
        masked = "masked" if name == "scorer" else "listed"
        each = " ".join(f"{time:.2f}" for time in times)
        table.add_row(name, masked, each, f"{middle:.2f}", f"x {slowest / middle:.1f}")
    return table


@click.command(context_settings={"show_default": True})
@click.option("--users", default=20_000)
@click.option("--tracks", default=10_000)
@click.option("--rank", default=64)
@click.option("--length", default=20, help="Tracks a list.")
@click.option("--rounds", default=3, help="Timed runs of each way, in turns.")
@click.option("--cores", default=2)
@click.option("--seed", default=42)
def main(**options: int) -> None:
    """Time both ways to every user's best tracks and print the ratio."""
    sizes = Sizes(**options)
    factors = random_factors(sizes)
    with tempfile.TemporaryDirectory() as folder:
        credentials = SparkSessionCredentials(
            lake=folder, master=f"local[{sizes.cores}]", log_file=f"{folder}/spark.log", conf=CONF
        )
        spark = session_for(credentials)
        frames = ways(spark, factors, sizes)
        checked = check(frames, factors, sizes)  # and so both are warm
        taken: dict[str, list[float]] = {name: [] for name in frames}
        for _ in range(sizes.rounds):
            for name, frame in frames.items():
                taken[name].append(seconds(frame.write.format("noop").mode("overwrite").save))
        rows = {name: frame.count() for name, frame in frames.items()}
        spark.stop()
    console = Console(highlight=False)
    console.print(table_of(taken, sizes))
    console.print(
        f"rows: recommendForAllUsers {rows['recommendForAllUsers']:,} (one a user), "
        f"scorer {rows['scorer']:,} (one a track); {checked} lists of each equal brute force's",
        soft_wrap=True,
    )
    versions = ", ".join(f"{part.__name__} {part.__version__}" for part in (pyspark, np, pa))
    console.print(f"Python {platform.python_version()}, {versions}, local[{sizes.cores}]")


if __name__ == "__main__":
    main()
