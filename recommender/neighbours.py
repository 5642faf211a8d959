"""Item-item neighbours: for each track, which others speak for it, and how strongly.

A ridge regression per track on the tracks that share most of its listeners, as in SLIM (Ning and
Karypis, 2011) and EASE (Steck, 2019), each track on its own few neighbours, so that it grows with
the listening and not with the square of the catalogue. Popular tracks are shrunk more, as in EDLAE
(Steck, 2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from scipy.sparse import csr_array

SCHEMA = "key bigint, neighbour_keys array<bigint>, neighbour_weights array<float>"
# Listeners that two tracks are taken to have had apart: a pair heard together once is chance.
CHANCE = 10
TRACKS_AT_ONCE = 256
# Catalogues up to here (a matrix of 144 MB) count all pairs at once; larger ones as they go.
SMALL_CATALOGUE = 6_000


@dataclass(frozen=True)
class Listening:
    """Who listened to what, both ways round.

    Attributes:
        by_user: ones, shape (users, tracks).
        by_track: the same, shape (tracks, users).
        listeners: of each track, shape (tracks,).
    """

    by_user: csr_array
    by_track: csr_array
    listeners: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        users: NDArray[np.integer],
        tracks: NDArray[np.integer],
        *,
        heaviest_listener: int,
    ) -> Listening:
        """Read pairs of dense indexes; users of more tracks than the heaviest are left out."""
        shape = (int(users.max(initial=-1)) + 1, int(tracks.max(initial=-1)) + 1)
        counts = np.bincount(users, minlength=shape[0])
        within = counts[users] <= heaviest_listener
        ones = np.ones(int(within.sum()), dtype=np.float32)
        by_user = csr_array((ones, (users[within], tracks[within])), shape=shape)
        by_user.sort_indices()
        by_track = csr_array(by_user.T)
        listeners = np.diff(by_track.indptr).astype(np.float32)
        return cls(by_user, by_track, listeners)


@dataclass(frozen=True)
class Ridge:
    """How neighbours are chosen and weighed.

    Attributes:
        neighbours: per track, at most.
        ridge: what is added to each neighbour's listeners: more draws weights to zero.
        popularity_ridge: the same, as a share of each neighbour's own listeners.
    """

    neighbours: int
    ridge: float
    popularity_ridge: float


def learn(interactions: DataFrame, ridge: Ridge, *, heaviest_listener: int) -> DataFrame:
    """Learn the neighbours of every track, on all the cores of the cluster.

    Args:
        interactions: a row per user and track: `user_index`, `track_index` and `track_key`.
        ridge: how neighbours are chosen and weighed.
        heaviest_listener: users of more tracks say nothing of taste and are left out.

    Returns:
        `key`, `neighbour_keys` and `neighbour_weights`: a weight is what hearing the neighbour
        adds to the preference for the track, about -1 to 1. Tracks without neighbours have none.
    """
    pairs = interactions.select("user_index", "track_index").toArrow()
    tracks = interactions.select("track_index", "track_key").distinct()
    keyed = tracks.toArrow().sort_by("track_index")
    listening = Listening.of(
        pairs["user_index"].to_numpy(),
        pairs["track_index"].to_numpy(),
        heaviest_listener=heaviest_listener,
    )
    keys = np.zeros(listening.by_track.shape[0], dtype=np.int64)
    keys[keyed["track_index"].to_numpy()] = keyed["track_key"].to_numpy()

    is_small = len(keys) <= SMALL_CATALOGUE

    def solve(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        pairs = (listening.by_track @ listening.by_user).toarray() if is_small else None
        for batch in batches:
            indexes = batch["track_index"].to_numpy()
            for start in range(0, len(indexes), TRACKS_AT_ONCE):
                block = indexes[start : start + TRACKS_AT_ONCE]
                found = list(weigh(listening, block, ridge, pairs))
                yield pa.RecordBatch.from_arrays(
                    [
                        pa.array(keys[block]),
                        pa.array([keys[chosen] for chosen, _ in found], pa.list_(pa.int64())),
                        pa.array([weights for _, weights in found], pa.list_(pa.float32())),
                    ],
                    names=["key", "neighbour_keys", "neighbour_weights"],
                )

    tasks = 4 if is_small else 64
    return tracks.repartition(tasks, "track_index").mapInArrow(solve, SCHEMA)


def weigh(
    listening: Listening,
    tracks: NDArray[np.integer],
    ridge: Ridge,
    pairs: NDArray[np.float32] | None = None,
) -> Iterator[tuple[NDArray[np.integer], NDArray[np.float32]]]:
    """Give each of some tracks its neighbours' indexes, ascending, and their weights.

    Args:
        listening: who listened to what.
        tracks: indexes, shape (some,); the answers come in their order.
        ridge: how neighbours are chosen and weighed.
        pairs: how many listeners each two tracks share, shape (tracks, tracks), if that is known.
    """
    for track, (others, counts) in zip(tracks, _together(listening, tracks, pairs), strict=True):
        apart = np.sqrt(listening.listeners[others] * listening.listeners[track]) + CHANCE
        best = np.sort(np.argsort(-counts / apart, kind="stable")[: ridge.neighbours])
        chosen = others[best]
        if pairs is None:
            rows = listening.by_track[chosen]
            gram = (rows @ rows.T).toarray().astype(np.float64)
        else:
            gram = pairs[np.ix_(chosen, chosen)].astype(np.float64)
        own = listening.listeners[chosen]
        gram[np.diag_indices(len(chosen))] += ridge.ridge + ridge.popularity_ridge * own
        yield chosen, np.linalg.solve(gram, counts[best]).astype(np.float32)


def _together(
    listening: Listening, tracks: NDArray[np.integer], pairs: NDArray[np.float32] | None
) -> Iterator[tuple[NDArray[np.integer], NDArray[np.float32]]]:
    """For each track the others that share listeners with it, and how many they share."""
    if pairs is None:
        shared = csr_array(listening.by_track[tracks] @ listening.by_user)
        shared.sort_indices()
        ends = zip(shared.indptr[:-1], shared.indptr[1:], strict=True)
        counted = [(shared.indices[start:end], shared.data[start:end]) for start, end in ends]
    else:
        counted = [(np.flatnonzero(pairs[track]), pairs[track]) for track in tracks]
        counted = [(others, counts[others]) for others, counts in counted]
    for track, (others, counts) in zip(tracks, counted, strict=True):
        yield others[others != track], counts[others != track]
