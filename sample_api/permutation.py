"""A seeded one-to-one map of 0..size-1 onto itself, computed, not stored.

An unbalanced Feistel network on a rectangle a little larger than the domain; what falls outside
is sent round again until it falls inside (Black and Rogaway: "Ciphers with arbitrary finite
domains", 2002).
"""

from __future__ import annotations

from math import isqrt

import numpy as np

from sample_api.noise import Ints, noise, stream_key

_ROUNDS = 3
_KEY_STEP = 0x9E3779B97F4A7C15


def shuffled(index: Ints, *, size: int, seed: int, stream: str) -> Ints:
    """The place of each index in a random order of 0..size-1; distinct in, distinct out."""
    if size < 1 or not index.size:
        return index.copy()
    rows = isqrt(size - 1) + 1
    columns = -(-size // rows)
    key = stream_key(seed, stream)
    place = _once(index, rows=rows, columns=columns, key=key)
    outside = place >= size
    while outside.any():
        place[outside] = _once(place[outside], rows=rows, columns=columns, key=key)
        outside = place >= size
    return place


def _once(place: Ints, *, rows: int, columns: int, key: int) -> Ints:
    row, column = np.divmod(place, columns)
    for number in range(_ROUNDS):
        row = (row + _less_than(rows, key + 2 * number * _KEY_STEP, column)) % rows
        column = (column + _less_than(columns, key + (2 * number + 1) * _KEY_STEP, row)) % columns
    return row * columns + column


def _less_than(limit: int, key: int, counter: Ints) -> Ints:
    bits = noise(key % 2**64, counter)
    return (bits % np.uint64(limit)).astype(np.int64)
