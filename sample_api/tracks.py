"""Track records by index."""

from __future__ import annotations

import numpy as np

from sample_api.catalog import catalog_of
from sample_api.genres import GENRES
from sample_api.ids import issued_ids
from sample_api.moments import DAY, end_of, iso_texts, opening_of
from sample_api.names import album_names, artist_names, person_names, track_names
from sample_api.noise import Floats, Ints, below, uniform
from sample_api.records import Record
from sample_api.settings import SampleSettings

_OLDEST = 6 * 365 * DAY
_SECOND_GENRE = 0.3
_TEAM = 3


def track_records(settings: SampleSettings, index: Ints) -> list[Record]:
    """The track of each index (0..tracks-1), as the contract has it."""
    seed, catalog = settings.seed, catalog_of(settings.tracks)
    genre, within = catalog.genre_of(index), catalog.artist_of(index)
    first, _ = catalog.artist_span(genre, within)
    artist = catalog.first_artist[genre] + within
    album = (index - first) % catalog.album_count(genre, within)

    opening = opening_of(settings)
    age = uniform(seed, "album.age", artist, album) * (_OLDEST - 2 * DAY)
    age += uniform(seed, "track.age", index) * DAY + DAY
    created = opening - age.astype(np.int64)
    rest = uniform(seed, "track.updated", index) * (end_of(settings) - created)
    columns = {
        "id": issued_ids(settings, "tracks", index).tolist(),
        "name": track_names(seed, index),
        "artist": artist_names(seed, artist),
        "songwriters": _songwriters(seed, artist, index),
        "duration": _durations(seed, genre, index),
        "genres": _genre_texts(seed, genre, index),
        "album": album_names(seed, artist, album),
        "created_at": iso_texts(created),
        "updated_at": iso_texts(created + rest.astype(np.int64)),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _songwriters(seed: int, artist: Ints, index: Ints) -> list[str]:
    """One or two of the three people who write for the artist."""
    lead = below(_TEAM, seed, "track.writer", index)
    second = (lead + 1 + below(_TEAM - 1, seed, "track.second_writer", index)) % _TEAM
    pairs = uniform(seed, "track.writers", index) < 1 / 3
    ones = [" ".join(name) for name in person_names(seed, "writer", artist, lead)]
    twos = [" ".join(name) for name in person_names(seed, "writer", artist, second)]
    return [
        f"{one}, {two}" if pair else one
        for one, two, pair in zip(ones, twos, pairs.tolist(), strict=True)
    ]


def _durations(seed: int, genre: Ints, index: Ints) -> list[str]:
    """Minutes and seconds as "mm:ss", around what is usual in the genre."""
    typical = np.array([kind.typical_seconds for kind in GENRES])[genre]
    bell: Floats = sum(
        (uniform(seed, f"track.seconds.{part}", index) for part in range(3)),
        start=np.zeros(index.shape),
    )
    seconds = np.maximum(45, typical * np.exp(0.6 * (bell - 1.5))).astype(np.int64)
    return [f"{whole // 60:02d}:{whole % 60:02d}" for whole in seconds.tolist()]


def _genre_texts(seed: int, genre: Ints, index: Ints) -> list[str]:
    """The artist's genre, and on some tracks a second one that sounds alike."""
    chance = uniform(seed, "track.second_genre", index)
    texts = []
    for kind, luck in zip(genre.tolist(), chance.tolist(), strict=True):
        name, related = GENRES[kind].name, GENRES[kind].related
        which = int(luck / _SECOND_GENRE * len(related))
        texts.append(f"{name}, {related[which]}" if luck < _SECOND_GENRE else name)
    return texts
