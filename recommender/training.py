"""Implicit-feedback ALS (Hu, Koren and Volinsky, 2008) by Spark, and neighbours beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import msgspec
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from recommender.blending import Mix
from recommender.neighbours import Ridge, learn

SCHEMA = """
    side string, key bigint, index int, features array<float>,
    neighbour_keys array<bigint>, neighbour_weights array<float>
"""
LAST_INDEX = 2**31 - 1
FIT = f"""
    strength >= 0 and strength < double('infinity')
    and user_index between 0 and {LAST_INDEX} and track_index between 0 and {LAST_INDEX}
"""


class UnfitInteractionsError(ValueError):
    """Interactions that nothing can be learned from; raised before Spark starts to train."""


@dataclass(frozen=True)
class Parameters:
    """What the model is told. Spark's ALS has no warm start: training begins from random factors.

    Attributes:
        rank: number of factors.
        iterations: alternations; past 15, Spark needs a checkpoint directory.
        regularization: weight of the regularisation; Spark scales it by each row's count.
        alpha: how much more a play says than its absence: confidence is 1 + alpha * strength.
        seed: of the random factors it starts from.
        blocks: into how many parts users and tracks are divided. Part of the model: another
            number starts from other random factors.
        neighbours: how many a track has, at most.
        ridge: draws the neighbours' weights to zero; in listeners.
        popularity_ridge: the same, as a share of the neighbour's own listeners.
        neighbour_shares: which shares the neighbours may have in the score, the rest being that of
            ALS; the usual one first. 0 leaves ALS alone, 1 leaves it out.
        recent_shares: how much of what speaks for neighbours may be given to what was discovered
            lately; the usual share first.
        recent_tracks: what was discovered so many tracks earlier is e times less recent.
        heaviest_listener: users of more tracks are left out of what neighbours are learned from.
    """

    rank: int
    iterations: int
    regularization: float
    alpha: float
    seed: int
    blocks: int
    neighbours: int
    ridge: float
    popularity_ridge: float
    neighbour_shares: tuple[float, ...]
    recent_shares: tuple[float, ...]
    recent_tracks: float
    heaviest_listener: int

    @classmethod
    def read(cls, values: Mapping[str, object]) -> Parameters:
        """Read them from a model's YAML, where they may be text."""
        return msgspec.convert(values, cls, strict=False)

    @property
    def mixes(self) -> list[Mix]:
        """What the score may be made of, the usual mix first; recency is the neighbours' alone."""
        mixes = [
            Mix(share, recent, self.recent_tracks) if share and recent else Mix(share)
            for share, recent in product(self.neighbour_shares, self.recent_shares)
        ]
        return list(dict.fromkeys(mixes))


def train(interactions: DataFrame, parameters: Parameters) -> DataFrame:
    """Learn factors of users and tracks.

    Args:
        interactions: a row per user and track: `user_key`, `track_key`, the dense indexes
            `user_index` and `track_index`, and the `strength` of the preference (0 or more).
        parameters: what ALS is told.

    Returns:
        A row per user and track: `side` (`user` or `track`), `key`, `index` and `features`, as
        many as the rank; for tracks `neighbour_keys` and `neighbour_weights` as well. No rows for
        no interactions. The same interactions and parameters give the same factors, to the bit,
        whatever the order of the rows and the number of cores.

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

    ridge = Ridge(parameters.neighbours, parameters.ridge, parameters.popularity_ridge)
    neighbours = learn(interactions, ridge, heaviest_listener=parameters.heaviest_listener)
    tracks = factors("track", fitted.itemFactors).join(neighbours, "key", "left")
    users = factors("user", fitted.userFactors)
    return users.unionByName(tracks, allowMissingColumns=True)


def code_version() -> str:
    """A digest of the code that trains."""
    here = Path(__file__)
    code = here.read_bytes() + here.with_name("neighbours.py").read_bytes()
    return hashlib.sha256(code).hexdigest()[:12]


def model_version(interactions: DataFrame, parameters: Parameters) -> str:
    """Name a model by what makes it: the same data, parameters and code give the same version."""
    columns = ["user_key", "track_key", "strength", "is_holdout"]
    (row,) = interactions.agg(
        F.count(F.lit(1)).alias("rows"), F.bit_xor(F.xxhash64(*columns)).alias("digest")
    ).collect()
    made_of = json.dumps([row.rows, row.digest, asdict(parameters), code_version()], sort_keys=True)
    return f"als-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
