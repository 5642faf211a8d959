"""Who listened to what, invented: few users and tracks have most of it, and users have tastes.

The same for a seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FEW_PLAYS = 0.4  # of pairs have one play; two, three and so on are ever rarer
TAIL = 1.5  # of the users' activity: exponent of a Pareto distribution
STEEPNESS, HEAD = 0.6, 50  # of the tracks' popularity: 1 / (place + HEAD) ** STEEPNESS
SCENES, OWN_SCENES = 500, 5  # a track is of one of them, a user has some
FAITHFUL = 0.8  # share of what users draw from scenes of theirs
KEPT, FACTORS = "listening.npz", "factors.npz"


@dataclass(frozen=True)
class Listening:
    """Pairs of user and track index, each once, in the order of both, and log(1 + plays)."""

    users: Any
    tracks: Any
    strengths: Any

    @classmethod
    def kept(cls, folder: Path) -> Listening:
        """Read what `keep` wrote."""
        with np.load(folder / KEPT) as arrays:
            return cls(arrays["users"], arrays["tracks"], arrays["strengths"])

    def keep(self, folder: Path) -> None:
        """Write it, so that ways in other environments get the same."""
        np.savez(folder / KEPT, users=self.users, tracks=self.tracks, strengths=self.strengths)


def listening(*, users: int, tracks: int, pairs: int, seed: int) -> Listening:
    """Draw pairs; at most a third of all that there can be, or the drawing takes long."""
    rng = np.random.default_rng(seed)
    activity = rng.pareto(TAIL, users) + 1
    popularity = rng.permutation(1.0 / (np.arange(tracks) + HEAD) ** STEEPNESS)
    scenes = np.sort(rng.integers(0, SCENES, tracks))
    reached = np.append(0, np.cumsum(popularity))
    bounds = reached[np.searchsorted(scenes, np.arange(SCENES + 1))]
    sizes = np.diff(bounds)
    own = rng.choice(SCENES, (users, OWN_SCENES), p=sizes / sizes.sum())
    drawn = np.empty(0, dtype=np.int64)
    while len(drawn) < pairs:
        count = int((pairs - len(drawn)) * 1.3) + 1000
        user = rng.choice(users, count, p=activity / activity.sum())
        scene = own[user, rng.integers(0, OWN_SCENES, count)]
        faithful = rng.random(count) < FAITHFUL
        first, last = np.where(faithful, [bounds[scene], bounds[scene + 1]], [[0], [reached[-1]]])
        place = np.searchsorted(reached, rng.uniform(first, last), side="right") - 1
        drawn = np.unique(np.append(drawn, user * tracks + np.minimum(place, tracks - 1)))
    drawn = np.sort(rng.choice(drawn, pairs, replace=False))
    return Listening(
        users=(drawn // tracks).astype(np.int32),
        tracks=(drawn % tracks).astype(np.int32),
        strengths=np.log1p(rng.geometric(FEW_PLAYS, pairs)),
    )


def random_factors(count: int, rank: int, seed: int) -> Any:
    """Normal factors, float32, shape (count, rank)."""
    return np.random.default_rng(seed).normal(size=(count, rank)).astype(np.float32)
