"""How tracks lie in genres, artists and albums: arithmetic, no tables.

Tracks are numbered genre by genre and, inside a genre, artist by artist. The first artist of a
genre is its best known and has most tracks; the first track of an artist is the best known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sample_api.genres import GENRES
from sample_api.noise import Floats, Ints

_TRACKS_PER_ARTIST = 12
_TRACKS_PER_ALBUM = 10
_BREADTH = 0.6
"""Share of tracks that the first x of a genre's artists have: x ** _BREADTH."""


@dataclass(frozen=True)
class Catalog:
    """Where each genre's tracks and artists begin; one entry more than there are genres."""

    first_track: Ints
    first_artist: Ints

    @property
    def tracks(self) -> int:
        """Number of tracks."""
        return int(self.first_track[-1])

    def genre_of(self, track: Ints) -> Ints:
        """The genre that owns each track."""
        return np.searchsorted(self.first_track, track, side="right").astype(np.int64) - 1

    def artist_count(self, genre: Ints) -> Ints:
        """Number of artists of each genre."""
        return self.first_artist[genre + 1] - self.first_artist[genre]

    def artist_of(self, track: Ints) -> Ints:
        """The artist (numbered inside the genre, best known first) of each track."""
        genre = self.genre_of(track)
        return self._artist_at(track - self.first_track[genre], genre)

    def artist_span(self, genre: Ints, artist: Ints) -> tuple[Ints, Ints]:
        """First track and number of tracks of each artist (numbered inside the genre)."""
        start = self._start(genre, artist)
        return start + self.first_track[genre], self._start(genre, artist + 1) - start

    def album_count(self, genre: Ints, artist: Ints) -> Ints:
        """Number of albums of each artist: about ten tracks on each."""
        _, tracks = self.artist_span(genre, artist)
        return np.maximum(1, np.rint(tracks / _TRACKS_PER_ALBUM)).astype(np.int64)

    def _artist_at(self, place: Ints, genre: Ints) -> Ints:
        count = self.artist_count(genre)
        artist = (count * self._part(place, genre) ** (1.0 / _BREADTH)).astype(np.int64)
        return np.minimum(artist, count - 1)

    def _start(self, genre: Ints, artist: Ints) -> Ints:
        size = self.first_track[genre + 1] - self.first_track[genre]
        part = (artist / self.artist_count(genre)) ** _BREADTH
        start = np.clip(np.ceil(size * part - 0.5), 0, size).astype(np.int64)
        # Rounding may be off by one at the edge; what _artist_at says is what counts.
        early = (start < size) & (self._artist_at(np.minimum(start, size - 1), genre) < artist)
        late = (start > 0) & (self._artist_at(np.maximum(start, 1) - 1, genre) >= artist)
        return start + early - late

    def _part(self, place: Ints, genre: Ints) -> Floats:
        size = self.first_track[genre + 1] - self.first_track[genre]
        part: Floats = (place + 0.5) / size
        return part


@lru_cache(maxsize=16)
def catalog_of(tracks: int) -> Catalog:
    """The catalogue of so many tracks; its own size does not depend on them."""
    share = np.cumsum([0] + [genre.percent for genre in GENRES]) / 100
    first_track = np.rint(share * tracks).astype(np.int64)
    sizes = np.diff(first_track)
    artists = np.where(sizes > 0, np.maximum(1, np.rint(sizes / _TRACKS_PER_ARTIST)), 0)
    first_artist = np.concatenate([[0], np.cumsum(artists)]).astype(np.int64)
    return Catalog(first_track=first_track, first_artist=first_artist)
