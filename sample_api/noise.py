"""Random numbers that need no state: a hash of (seed, stream name, counters).

The mixing function is the finaliser of splitmix64 (Steele, Lea, Flood: "Fast splittable
pseudorandom number generators", 2014).
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@lru_cache(maxsize=1024)
def stream_key(seed: int, stream: str) -> int:
    """64 bits that tell one named stream of one seed from every other."""
    digest = blake2b(f"{seed}/{stream}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def noise(key: int, *counters: Ints) -> Words:
    """64 random bits for each combination of counters (arrays, broadcast together)."""
    bits = _mixed(counters[0].astype(np.uint64) ^ np.uint64(key))
    for counter in counters[1:]:
        bits = _mixed((bits + _GOLDEN) ^ counter.astype(np.uint64))
    return bits


def uniform(seed: int, stream: str, *counters: Ints) -> Floats:
    """Numbers in [0, 1), one for each combination of counters."""
    bits = noise(stream_key(seed, stream), *counters)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def below(limit: int | Ints, seed: int, stream: str, *counters: Ints) -> Ints:
    """Whole numbers in [0, limit), one for each combination of counters."""
    drawn = (uniform(seed, stream, *counters) * limit).astype(np.int64)
    return np.minimum(drawn, np.asarray(limit, dtype=np.int64) - 1)


def _mixed(bits: Words) -> Words:
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))
