"""Names of artists, albums, tracks and people, each computed from numbers."""

from __future__ import annotations

import numpy as np

from sample_api.noise import Ints, below
from sample_api.permutation import shuffled
from sample_api.words import (
    ADJECTIVES,
    FIRST_NAMES,
    GERUNDS,
    NOUNS,
    SURNAME_HEADS,
    SURNAME_TAILS,
)

_PAIRS = len(ADJECTIVES) * len(NOUNS)
_ALBUM_STEP = 7919  # a prime that does not divide _PAIRS: albums of one artist never share a name


def artist_names(seed: int, artist: Ints) -> list[str]:
    """One name for each artist number; no two artists share one."""
    turn, number = np.divmod(artist, _PAIRS)
    pair = shuffled(number, size=_PAIRS, seed=seed, stream="artist.pair")
    style = below(4, seed, "artist.style", artist)
    return [
        _band(which, words, again)
        for which, words, again in zip(style.tolist(), _worded(pair), turn.tolist(), strict=True)
    ]


def album_names(seed: int, artist: Ints, album: Ints) -> list[str]:
    """One name for each album; an artist's albums have different names."""
    pair = (below(_PAIRS, seed, "album.pair", artist) + _ALBUM_STEP * album) % _PAIRS
    style = below(3, seed, "album.style", artist)
    forms = ("{1} & {0}", "The {0} {1}", "{0} {1}")
    return [
        forms[which].format(*words)
        for which, words in zip(style.tolist(), _worded(pair), strict=True)
    ]


def track_names(seed: int, track: Ints) -> list[str]:
    """One name for each track; two tracks may share one."""
    pair = below(_PAIRS, seed, "track.pair", track)
    style = below(5, seed, "track.style", track)
    verb = below(len(GERUNDS), seed, "track.verb", track)
    forms = ("{0} {1}", "{2} the {1}", "{0} Like the {1}", "{2} My {0} {1}", "{1}")
    return [
        forms[which].format(*words, GERUNDS[gerund])
        for which, words, gerund in zip(style.tolist(), _worded(pair), verb.tolist(), strict=True)
    ]


def person_names(seed: int, stream: str, *counters: Ints) -> list[tuple[str, str]]:
    """A first name and a surname for each combination of counters."""
    first = below(len(FIRST_NAMES), seed, f"{stream}.first", *counters)
    head = below(len(SURNAME_HEADS), seed, f"{stream}.head", *counters)
    tail = below(len(SURNAME_TAILS), seed, f"{stream}.tail", *counters)
    return [
        (FIRST_NAMES[one], SURNAME_HEADS[two] + SURNAME_TAILS[three])
        for one, two, three in zip(first.tolist(), head.tolist(), tail.tolist(), strict=True)
    ]


def _worded(pair: Ints) -> list[tuple[str, str]]:
    adjective, noun = np.divmod(pair, len(NOUNS))
    return [
        (ADJECTIVES[one], NOUNS[two])
        for one, two in zip(adjective.tolist(), noun.tolist(), strict=True)
    ]


def _band(style: int, words: tuple[str, str], turn: int) -> str:
    forms = ("{0} {1}", "The {0} {1}", "{0} {1} Club", "{0} {1} Assembly")
    name = forms[style].format(*words)
    return f"{name} {turn + 1}" if turn else name
