"""The genres: how much of the catalogue each has, and which sound alike."""

from __future__ import annotations

from typing import NamedTuple


class Genre(NamedTuple):
    """A genre of the catalogue."""

    name: str
    percent: int
    related: tuple[str, ...]
    typical_seconds: int


GENRES = (
    Genre("Pop", 11, ("R&B", "Electronic", "Indie"), 205),
    Genre("Rock", 11, ("Alternative", "Indie", "Blues"), 240),
    Genre("Hip Hop", 10, ("R&B", "Funk"), 200),
    Genre("Electronic", 8, ("Techno", "Pop"), 270),
    Genre("Indie", 8, ("Alternative", "Folk", "Rock"), 225),
    Genre("R&B", 7, ("Hip Hop", "Funk", "Pop"), 220),
    Genre("Alternative", 7, ("Rock", "Indie"), 235),
    Genre("Metal", 6, ("Rock", "Punk"), 290),
    Genre("Country", 5, ("Folk", "Blues"), 210),
    Genre("Folk", 5, ("Country", "Indie"), 215),
    Genre("Jazz", 5, ("Blues", "Funk"), 330),
    Genre("Classical", 4, ("Jazz",), 420),
    Genre("Techno", 4, ("Electronic",), 360),
    Genre("Punk", 3, ("Rock", "Alternative"), 150),
    Genre("Blues", 2, ("Jazz", "Rock"), 250),
    Genre("Funk", 2, ("R&B", "Jazz"), 260),
    Genre("Reggae", 2, ("Hip Hop", "Funk"), 230),
)

SPELLINGS = {
    "Hip Hop": ("hip hop", "Hip-Hop", "hiphop", "HIP HOP"),
    "R&B": ("r&b", "R & B", "RnB", "Rnb"),
    "Electronic": ("electronic", "Electronica", "ELECTRONIC"),
    "Alternative": ("alternative", "Alt", "alt."),
}
"""Other ways in which people write a genre; the rest differ in case only."""
