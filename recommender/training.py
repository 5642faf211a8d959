"""Implicit-feedback ALS (Hu, Koren and Volinsky, 2008) by Spark."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

SCHEMA = "side string, key bigint, index int, features array<float>"
LAST_INDEX = 2**31 - 1
FIT = f"""
    strength >= 0 and strength < double('infinity')
    and user_index between 0 and {LAST_INDEX} and track_index between 0 and {LAST_INDEX}
"""


class UnfitInteractionsError(ValueError):
    """Interactions that nothing can be learned from; raised before Spark starts to train."""


@dataclass(frozen=True)
class Parameters:
    """What ALS is told. Spark's has no warm start: every training begins from random factors.

    Attributes:
        rank: number of factors.
        iterations: alternations; past 15, Spark needs a checkpoint directory.
        regularization: weight of the regularisation; Spark scales it by each row's count.
        alpha: how much more a play says than its absence: confidence is 1 + alpha * strength.
        seed: of the random factors it starts from.
        blocks: into how many parts users and tracks are divided. Part of the model: another
            number starts from other random factors.
    """

    rank: int
    iterations: int
    regularization: float
    alpha: float
    seed: int
    blocks: int

    @classmethod
    def from_text(cls, texts: Mapping[str, object]) -> Parameters:
        """Read them from a model's YAML, where they may be text."""
        return cls(
            rank=int(str(texts["rank"])),
            iterations=int(str(texts["iterations"])),
            regularization=float(str(texts["regularization"])),
            alpha=float(str(texts["alpha"])),
            seed=int(str(texts["seed"])),
            blocks=int(str(texts["blocks"])),
        )


def train(interactions: DataFrame, parameters: Parameters) -> DataFrame:
    """Learn factors of users and tracks.

    Args:
        interactions: a row per user and track: `user_key`, `track_key`, the dense indexes
            `user_index` and `track_index`, and the `strength` of the preference (0 or more).
        parameters: what ALS is told.

    Returns:
        A row per user and track: `side` (`user` or `track`), `key`, `index` and `features`, as
        many as the rank. No rows for no interactions. The same interactions and parameters give the
        same factors, to the bit, whatever the order of the rows and the number of cores.

    Raises:
        UnfitInteractionsError: a strength is negative, infinite or no number, or an index is
            negative or past 32 bits. Keys may be any 64 bits.
    """
    counted = F.count(F.lit(1)).alias("rows"), F.count_if(F.expr(FIT)).alias("fit")
    (found,) = interactions.agg(*counted).collect()
    if found.rows > found.fit:
        raise UnfitInteractionsError(
            f"{found.rows - found.fit} of {found.rows} interactions have a strength that is"
            f" negative, infinite or no number, or an index that is not within 0 to {LAST_INDEX}"
        )
    if not found.rows:
        return interactions.sparkSession.createDataFrame([], SCHEMA)
    als = ALS(
        userCol="user_index",
        itemCol="track_index",
        ratingCol="strength",
        implicitPrefs=True,
        rank=parameters.rank,
        maxIter=parameters.iterations,
        regParam=parameters.regularization,
        alpha=parameters.alpha,
        seed=parameters.seed,
        numUserBlocks=parameters.blocks,
        numItemBlocks=parameters.blocks,
    )
    fitted = als.fit(interactions.select("user_index", "track_index", "strength"))

    def factors(side: str, learned: DataFrame) -> DataFrame:
        keys = interactions.select(F.col(f"{side}_key").alias("key"), f"{side}_index").distinct()
        return learned.join(keys, F.col("id") == F.col(f"{side}_index")).select(
            F.lit(side).alias("side"), "key", F.col("id").alias("index"), "features"
        )

    return factors("user", fitted.userFactors).unionByName(factors("track", fitted.itemFactors))


def code_version() -> str:
    """A digest of this module, the code that trains."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]


def model_version(interactions: DataFrame, parameters: Parameters) -> str:
    """Name a model by what makes it: the same data, parameters and code give the same version."""
    columns = ["user_key", "track_key", "strength", "is_holdout"]
    (row,) = interactions.agg(
        F.count(F.lit(1)).alias("rows"), F.bit_xor(F.xxhash64(*columns)).alias("digest")
    ).collect()
    made_of = json.dumps([row.rows, row.digest, asdict(parameters), code_version()], sort_keys=True)
    return f"als-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
