"""What users like, and what they therefore play.

A user has one to three genres, in each a scene, and a few artists, most of them of that scene.
Four draws in five are to the user's taste, the rest goes by the taste of everybody. Some draws
return to a short list of favourites, so that users hear tracks again.
"""

from __future__ import annotations

import numpy as np

from sample_api.catalog import Catalog
from sample_api.noise import Floats, Ints, below, uniform
from sample_api.zipf import zipf_rank

MOST_GENRES = 3
_GENRE_WEIGHT = np.array([[1.0, 0.0, 0.0], [0.65, 0.35, 0.0], [0.55, 0.27, 0.18]])
_ARTISTS_PER_GENRE = 5
_FAVOURITES = 30
_TRACK_EXPONENT = 1.5
_ARTIST_EXPONENT = 1.2
_LIKING_EXPONENT = 0.8
_ELSEWHERE = 0.2
_BY_GENRE = 0.12
_AGAIN = 0.15
_OUT_OF_SCENE = 0.2


def preferred_genres(seed: int, catalog: Catalog, user: Ints) -> tuple[Ints, Ints]:
    """Number of genres of each user (1..3), and the genres (users x 3, dearest first).

    A genre may come twice, which makes it dearer.
    """
    count = 1 + np.searchsorted([0.35, 0.75], uniform(seed, "user.genres", user)).astype(np.int64)
    rank = np.arange(MOST_GENRES)
    return count, catalog.genre_of(below(catalog.tracks, seed, "user.genre", user[:, None], rank))


def drawn_tracks(seed: int, catalog: Catalog, user: Ints, draw: Ints) -> Ints:
    """The tracks that users play.

    Args:
        seed: Seed of the world.
        catalog: The tracks to choose from; at least one.
        user: One user for each row.
        draw: Numbers of the draws, rows x columns; the same number gives a user the same track.

    Returns:
        Track indexes, rows x columns; a row may repeat a track.
    """
    owner = user[:, None]
    again = uniform(seed, "draw.again", owner, draw) < _AGAIN
    favourite = zipf_rank(
        uniform(seed, "draw.favourite", owner, draw), count=_FAVOURITES, exponent=_LIKING_EXPONENT
    )
    draw = np.where(again, -1 - favourite, draw)

    mood = uniform(seed, "draw.mood", owner, draw)
    anywhere = (mood < _ELSEWHERE) & ~again
    which = _chosen_genre(seed, user, draw, catalog)
    genre = np.where(anywhere, _any_genre(seed, catalog, owner, draw), which[1])
    known = _preferred_artist(seed, catalog, owner, which, draw)
    popular = _ranked(
        seed, "draw.artist", _ARTIST_EXPONENT, catalog.artist_count(genre), owner, draw
    )
    artist = np.where(anywhere | (mood > 1.0 - _BY_GENRE), popular, known)
    first, count = catalog.artist_span(genre, artist)
    return first + _ranked(seed, "draw.track", _TRACK_EXPONENT, count, owner, draw)


def _any_genre(seed: int, catalog: Catalog, owner: Ints, draw: Ints) -> Ints:
    return catalog.genre_of(below(catalog.tracks, seed, "draw.genre", owner, draw))


def _chosen_genre(seed: int, user: Ints, draw: Ints, catalog: Catalog) -> tuple[Ints, Ints]:
    """Which of the user's genres a draw falls on: its rank with the user, and the genre."""
    count, genres = preferred_genres(seed, catalog, user)
    bounds: Floats = np.cumsum(_GENRE_WEIGHT[count - 1], axis=1)[:, None, :-1]
    chance = uniform(seed, "draw.preference", user[:, None], draw)[:, :, None]
    rank = (chance >= bounds).sum(axis=2)
    return rank, np.take_along_axis(genres, rank, axis=1)


def _preferred_artist(
    seed: int, catalog: Catalog, owner: Ints, which: tuple[Ints, Ints], draw: Ints
) -> Ints:
    """One of the artists whom the user likes in a genre (numbered inside the genre)."""
    rank, genre = which
    number = _ranked(seed, "draw.known", _LIKING_EXPONENT, _ARTISTS_PER_GENRE, owner, draw)
    artists = catalog.artist_count(genre)
    scenes = np.maximum(1, np.sqrt(artists).astype(np.int64))
    scene = below(scenes, seed, "user.scene", owner, rank)
    inside = (artists - scene + scenes - 1) // scenes
    local = scene + scenes * _ranked(
        seed, "user.artist", _LIKING_EXPONENT, inside, owner, rank, number
    )
    guest = _ranked(seed, "user.guest", _LIKING_EXPONENT, artists, owner, rank, number)
    strays = uniform(seed, "user.strays", owner, rank, number) < _OUT_OF_SCENE
    return np.where(strays, guest, local)


def _ranked(seed: int, stream: str, exponent: float, count: int | Ints, *counters: Ints) -> Ints:
    return zipf_rank(uniform(seed, stream, *counters), count=count, exponent=exponent)
