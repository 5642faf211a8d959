"""The numbers that the API issues as ids: they look arbitrary and never repeat."""

from __future__ import annotations

from sample_api.noise import Ints
from sample_api.permutation import shuffled
from sample_api.settings import SampleSettings

_LOWEST = 10_000


def issued_ids(settings: SampleSettings, kind: str, index: Ints) -> Ints:
    """Ids of five digits (more when there are more records than that) by index.

    Args:
        settings: Give the size and the seed.
        kind: `users` or `tracks`.
        index: 0..size-1 for records that exist; up to a quarter more gives ids that are well
            formed and were never issued (see `stranger_limit`).
    """
    size = getattr(settings, kind)
    return _LOWEST + shuffled(index, size=_id_count(size), seed=settings.seed, stream=f"{kind}.id")


def stranger_limit(settings: SampleSettings, kind: str) -> int:
    """How many indexes from the size upwards have an id that no record bears."""
    size: int = getattr(settings, kind)
    return _id_count(size) - size


def _id_count(size: int) -> int:
    highest = 100_000
    while highest - _LOWEST < size + size // 4:
        highest *= 10
    return highest - _LOWEST
