"""A search of the model's parameters, by how good its lists are at what was held out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from recommender.blending import ALS, NEIGHBOURS, Mix
from recommender.judging import Judged, judged_by_mix
from recommender.training import Parameters, train

# The best of many is partly luck: every second user chooses, the others tell what it is worth.
CHOOSE, TELL = slice(0, None, 2), slice(1, None, 2)

Grid = Mapping[str, Sequence[object]]
GRID: Grid = {
    "alpha": (1.0, 4.0, 16.0),
    "regularization": (0.1, 0.3, 1.0),
    "rank": (32, 64, 128),
    "iterations": (5, 10, 15),
    "neighbours": (50, 100, 200),
    "ridge": (3.0, 10.0, 30.0),
    "popularity_ridge": (0.3, 1.0, 3.0),
    "recent_tracks": (10.0, 20.0, 40.0),
}


@dataclass(frozen=True)
class Trial:
    """Parameters that were tried, and how good they are.

    Attributes:
        parameters: what the model was told.
        judged: by what the score is made of, `ALS` and `NEIGHBOURS` alone too.
        seconds: that it took.
    """

    parameters: Parameters
    judged: Mapping[Mix, Judged]
    seconds: float

    @cached_property
    def mix(self) -> Mix:
        """The best of the mixes that the model may choose from, by the users who choose."""
        mixes = self.parameters.mixes
        return max(mixes, key=lambda mix: self.judged[mix].ndcg[CHOOSE].mean())

    @property
    def best(self) -> Judged:
        """How good the lists with that mix are."""
        return self.judged[self.mix]

    @property
    def ndcg(self) -> float:
        """What trials are compared by: the mean over the users who choose."""
        return float(self.best.ndcg[CHOOSE].mean())


def search(
    interactions: DataFrame, start: Parameters, grid: Grid, *, most_users: int
) -> Iterator[Trial]:
    """Try parameters: first the start, then the values of each, one after the other.

    The best value of a parameter is kept while the next is tried; ties leave it as it is.

    Args:
        interactions: as `train` takes them, with `is_holdout`: nothing is learned from these.
        start: the parameters to begin with.
        grid: the values to try, by the parameter's name.
        most_users: who are judged by, always the same ones.

    Yields:
        Each trial as it ends; none when nothing is held out.
    """
    kept = interactions.where("not is_holdout").persist()

    def tried(parameters: Parameters) -> Trial:
        started = time.monotonic()
        mixes = dict.fromkeys((*parameters.mixes, ALS, NEIGHBOURS))
        factors = train(kept, parameters)
        judged = judged_by_mix(interactions, factors, list(mixes), most_users=most_users)
        return Trial(parameters, judged, time.monotonic() - started)

    best = tried(start)
    if best.judged:
        yield best
        for name, values in grid.items():
            origin = best.parameters
            for value in values:
                if value != getattr(origin, name):
                    trial = tried(replace(origin, **{name: value}))  # type: ignore[arg-type]
                    yield trial
                    best = max(best, trial, key=lambda it: it.ndcg)
    kept.unpersist()


def judged_popularity(interactions: DataFrame, *, most_users: int) -> Judged:
    """How good the most popular unheard tracks are, on the same users.

    Args:
        interactions: as `search` takes them, with `play_count`; something is held out.
        most_users: who are judged by, always the same ones.
    """
    order = "row_number() over (order by count(*) desc, sum(play_count) desc, track_index)"
    kept = interactions.where("not is_holdout")
    ranked = kept.groupBy("track_key", "track_index").agg(F.expr(order).alias("place"))
    tracks = ranked.selectExpr(
        "'track' side",
        "track_key key",
        "track_index index",
        "array(cast(-place as float)) features",
    )
    users = kept.select("user_key").distinct()
    everybody = users.selectExpr("'user' side", "user_key key", "array(1f) features")
    factors = everybody.unionByName(tracks, allowMissingColumns=True)
    return judged_by_mix(interactions, factors, [ALS], most_users=most_users)[ALS]
