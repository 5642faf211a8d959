"""Listening records by index: one session of one user each.

More `listens` keep every record of fewer, so that a service can be seen to grow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sample_api.catalog import catalog_of
from sample_api.ids import issued_ids
from sample_api.moments import SECOND, WINDOW, iso_texts, opening_of
from sample_api.noise import Ints, below, uniform
from sample_api.permutation import shuffled
from sample_api.records import Record
from sample_api.settings import SampleSettings
from sample_api.taste import drawn_tracks
from sample_api.zipf import zipf_rank

SHORTEST, LONGEST = 3, 12
_SILENT = 0.03
_ACTIVITY = 0.8
_SPARE_DRAWS = 4


@dataclass(frozen=True)
class Sessions:
    """Sessions in internal numbers: users and tracks by index, moments in microseconds."""

    user: Ints
    tracks: list[list[int]]
    created: Ints
    updated: Ints


def listening_users(settings: SampleSettings) -> int:
    """How many users listen at all; the last ones of the index never do."""
    return max(1, settings.users - int(_SILENT * settings.users))


def sessions(settings: SampleSettings, index: Ints, *, version: int = 0) -> Sessions:
    """The session of each index (0..listens-1); another version has other tracks."""
    seed = settings.seed
    active = listening_users(settings)
    chance = uniform(seed, "listen.user", index)
    user = zipf_rank(chance, count=active, exponent=_ACTIVITY, shift=active / 100)
    # A permutation of the microseconds of the window: no two sessions start at the same moment.
    created = opening_of(settings) + shuffled(
        index, size=WINDOW, seed=seed, stream="listen.created"
    )
    delay = below(3600 * SECOND, seed, "listen.updated", index)
    length = SHORTEST + below(LONGEST - SHORTEST + 1, seed, f"listen.length.{version}", index)
    draw = (2 * index + version)[:, None] * (LONGEST + _SPARE_DRAWS)
    draw = draw + np.arange(LONGEST + _SPARE_DRAWS)
    drawn = drawn_tracks(seed, catalog_of(settings.tracks), user, draw).tolist()
    tracks = [
        _different(row, limit, settings.tracks)
        for row, limit in zip(drawn, length.tolist(), strict=True)
    ]
    return Sessions(user=user, tracks=tracks, created=created, updated=created + delay)


def listen_records(settings: SampleSettings, index: Ints, *, version: int = 0) -> list[Record]:
    """The listening record of each index, as the contract has it."""
    found = sessions(settings, index, version=version)
    flat = np.array([track for row in found.tracks for track in row], dtype=np.int64)
    ids = iter(issued_ids(settings, "tracks", flat).tolist())
    columns = {
        "user_id": issued_ids(settings, "users", found.user).tolist(),
        "items": [[next(ids) for _ in row] for row in found.tracks],
        "created_at": iso_texts(found.created),
        "updated_at": iso_texts(found.updated),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _different(drawn: list[int], limit: int, tracks: int) -> list[int]:
    """The first tracks drawn, none twice; neighbours fill what repeats left open."""
    different = list(dict.fromkeys(drawn))[:limit]
    track = drawn[0]
    while len(different) < min(limit, tracks):
        track = (track + 1) % tracks
        if track not in different:
            different.append(track)
    return different
