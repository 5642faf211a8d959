"""Lists from trained factors, by Medley and by Spark's own: `python -m bench.als_lists --help`.

Writes as JSON: `medley` and `spark` (seconds of each round), `checked` (how many lists of Medley
were compared with brute force) and, for users' lists, of the factors alone as both others are:
`random` (factors that nobody learned, where no product can be left out), `blended` with neighbours,
`told` with reasons as well, `learned` (seconds of learning the neighbours) and `memory`: by the
users scored at a time, the most resident bytes of a Python worker.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.ml.recommendation import ALSModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bench import als_session
from bench.listening import FACTORS, Listening, random_factors
from bench.workers import most_of_a_worker
from pipeline.parameters import parameters_of
from pipeline.settings import PROJECT
from recommender import topn
from recommender.blending import Mix, heaviest
from recommender.lists import best_unheard, flat
from recommender.neighbours import Ridge, learn
from recommender.similar import most_similar
from recommender.training import train

SAMPLE = 200
MIX = Mix(0.5)
ITERATIONS = 4  # later ones change the factors little
TOLERANCE = 1e-5  # of a score, which is a sum of as many products as there are factors, in float32
Lists = Callable[[], DataFrame]


class WrongListError(AssertionError):
    """A list is not the one that brute force finds."""


def written(lists: DataFrame) -> None:
    """Compute all of it and keep nothing."""
    lists.write.format("noop").mode("overwrite").save()


def seconds(work: Callable[[], None]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def spark_lists(spark: SparkSession, users: Any, tracks: Any, length: int, cores: int) -> DataFrame:
    """`recommendForAllUsers` on the factors, with the block size that is its default."""
    frames = [
        als_session.cached(spark, cores, id=np.arange(len(rows), dtype=np.int32), features=rows)
        for rows in (users, tracks)
    ]
    java = spark._jvm.org.apache.spark.ml.recommendation.ALSModel(
        "bench", users.shape[1], *[frame._jdf for frame in frames]
    )
    fitted = ALSModel(java.setUserCol("user").setItemCol("item").setBlockSize(4096))
    return fitted.recommendForAllUsers(length)


def require_best(listed: DataFrame, exact: Callable[[int], Any], count: int, length: int) -> int:
    """Compare a sample's lists with brute force; returns how many.

    Args:
        listed: `key`, `item_key` and `rank`; keys are indexes.
        exact: gives a key's scores of all items in float64, -inf for those to leave out.
        count: of keys, from 0.
        length: of a list.

    Raises:
        WrongListError: a list does not hold the best scores, in their order.
    """
    step = max(1, count // SAMPLE)
    lists: dict[int, list[int]] = {key: [] for key in range(0, count, step)}
    for row in listed.where(f"key % {step} = 0").orderBy("key", "rank").collect():
        lists[row.key].append(row.item_key)
    for key, items in lists.items():
        scores = exact(key)
        best = np.sort(scores)[::-1][:length]
        if len(set(items)) != length or not np.allclose(scores[items], best, atol=TOLERANCE):
            raise WrongListError(f"{key}: {items} score {scores[items]}, the best are {best}")
    return len(lists)


def of_users(spark: SparkSession, options: argparse.Namespace) -> dict[str, Any]:
    """All users' best tracks: Medley leaves out what they heard, Spark cannot."""
    drawn = Listening.kept(options.folder)
    heard = als_session.interactions(spark, drawn, options.cores)
    users, tracks = _learned(heard, options).values()
    np.savez(options.folder / FACTORS, users=users, tracks=tracks)
    sides = [_side(spark, options.cores, *side) for side in (("user", users), ("track", tracks))]
    factors = sides[0].unionByName(sides[1])
    some_users = random_factors(options.users, options.rank, options.seed)
    some_tracks = random_factors(options.tracks, options.rank, options.seed + 1)
    random = _side(spark, options.cores, "user", some_users).unionByName(
        _side(spark, options.cores, "track", some_tracks)
    )

    def medley(factors: DataFrame = factors) -> DataFrame:
        best = best_unheard(heard, factors, length=options.length)
        return best.withColumnsRenamed({"user_key": "key", "track_key": "item_key"})

    def exact(user: int) -> Any:
        scores = tracks.astype(np.float64) @ users[user].astype(np.float64)
        scores[drawn.tracks[drawn.users == user]] = -np.inf
        return scores

    checked = require_best(medley(), exact, options.users, options.length)
    spark_own = spark_lists(spark, users, tracks, options.length, options.cores)
    parameters = parameters_of(PROJECT)
    ridge = Ridge(parameters.neighbours, parameters.ridge, parameters.popularity_ridge)
    neighbours = learn(heard, ridge, heaviest_listener=parameters.heaviest_listener).cache()
    learned = seconds(neighbours.count)
    both = sides[0].unionByName(sides[1].join(neighbours, "key"), allowMissingColumns=True)
    explain = partial(
        heaviest,
        mix=MIX,
        alpha=parameters.alpha,
        regularization=parameters.regularization,
    )
    blended = partial(best_unheard, heard, both, length=options.length, mix=MIX)
    ways = {
        "medley": medley,
        "spark": lambda: spark_own,
        "random": lambda: medley(random),
        "blended": blended,
        "told": lambda: blended(explain=explain),
    }
    return _timed(ways, options) | {
        "checked": checked,
        "learned": learned,
        "memory": dict(_memory(spark, medley, options)),
    }


def of_tracks(spark: SparkSession, options: argparse.Namespace) -> dict[str, Any]:
    """Each track's most similar ones; Spark's lists have the track itself in them."""
    tracks = random_factors(options.tracks, options.rank, options.seed + 1)
    unit = tracks / np.linalg.norm(tracks, axis=1, keepdims=True)
    factors = _side(spark, options.cores, "track", tracks)

    def medley() -> DataFrame:
        return most_similar(factors, length=options.length)

    def exact(track: int) -> Any:
        scores = unit.astype(np.float64) @ unit[track].astype(np.float64)
        scores[track] = -np.inf
        return scores

    checked = require_best(medley(), exact, options.tracks, options.length)
    spark_own = spark_lists(spark, unit, unit, options.length, options.cores)
    timed = _timed({"medley": medley, "spark": lambda: spark_own}, options)
    return timed | {"checked": checked}


def _learned(heard: DataFrame, options: argparse.Namespace) -> dict[str, Any]:
    """Factors of users and tracks, by index; zeros where nothing was heard."""
    parameters = replace(
        parameters_of(PROJECT), rank=options.rank, iterations=ITERATIONS, heaviest_listener=0
    )
    factors = train(heard, parameters).cache()
    sides = {}
    for side in ("user", "track"):
        rows = factors.where(factors.side == side).select("index", "features").toArrow()
        sides[side] = np.zeros((getattr(options, f"{side}s"), options.rank), np.float32)
        sides[side][rows["index"].to_numpy()] = flat(rows["features"]).reshape(-1, options.rank)
    factors.unpersist()
    return sides


def _side(spark: SparkSession, cores: int, side: str, features: Any) -> DataFrame:
    keys = np.arange(len(features), dtype=np.int64)
    frame = als_session.cached(
        spark, cores, key=keys, index=keys.astype(np.int32), features=features
    )
    return frame.withColumn("side", F.lit(side))


def _timed(ways: dict[str, Lists], options: argparse.Namespace) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, lists in ways.items():
            taken[name].append(seconds(lambda lists=lists: written(lists())))
    return taken


def _memory(
    spark: SparkSession, medley: Lists, options: argparse.Namespace
) -> Iterator[tuple[int, int]]:
    usual = topn.ROWS_AT_ONCE
    for users_at_once in (usual, options.larger * usual):
        topn.ROWS_AT_ONCE = users_at_once  # travels with the function to the workers
        with most_of_a_worker(spark) as most:
            written(medley())
        yield users_at_once, most.resident
    topn.ROWS_AT_ONCE = usual


def main() -> None:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="Where `listening.npz` is; Spark writes there too."
    )
    parser.add_argument("out", type=Path, help="The file to write.")
    parser.add_argument("--of", choices=("users", "tracks"), required=True)
    for name in ("users", "tracks", "rank", "length", "rounds", "cores", "seed", "larger"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    ways = {"users": of_users, "tracks": of_tracks}
    with als_session.session(options.folder, cores=options.cores) as spark:
        findings = ways[options.of](spark, options)
    options.out.write_text(json.dumps(findings))


if __name__ == "__main__":
    main()
