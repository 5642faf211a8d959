"""Which records are spoilt and which come twice.

Record i of an endpoint is in class i % 100. The first classes have one flaw each, in the order of
`FLAWS`; the records of one more class come a second time in a newer version. So every fault is on
one record in a hundred, no record has two, and none needs a list to be remembered.
"""

from __future__ import annotations

import numpy as np

from sample_api.flaws import FLAWS
from sample_api.moments import DAY, moved
from sample_api.noise import Ints, noise, stream_key
from sample_api.records import Record
from sample_api.settings import SampleSettings

_CLASSES = 100
_REPEATED = 10


def repeat_count(size: int) -> int:
    """How many of so many records come a second time."""
    return max(0, -(-(size - _REPEATED) // _CLASSES))


def repeated_index(number: Ints) -> Ints:
    """The record that each second appearance (0..repeat_count-1) is of."""
    return number * _CLASSES + _REPEATED


def flaw_of(kind: str, index: int) -> str | None:
    """The name of the flaw that a record has in a dirty API, if it has one."""
    names = tuple(FLAWS[kind])
    place = index % _CLASSES
    return names[place] if place < len(names) else None


def spoil(settings: SampleSettings, kind: str, index: Ints, records: list[Record]) -> None:
    """Give the records, in place, the flaws that their indexes call for."""
    picks = noise(stream_key(settings.seed, f"{kind}.flaw"), index) >> np.uint64(1)
    for place, pick, record in zip(index.tolist(), picks.tolist(), records, strict=True):
        name = flaw_of(kind, place)
        if name is not None:
            FLAWS[kind][name](settings, record, pick)


def renew(settings: SampleSettings, kind: str, index: Ints, records: list[Record]) -> None:
    """Make the records, in place, newer versions of themselves.

    A listening record has its other items already: they are drawn with it.
    """
    waits = noise(stream_key(settings.seed, f"{kind}.renewed"), index) % np.uint64(7 * DAY)
    for wait, record in zip(waits.tolist(), records, strict=True):
        record["updated_at"] = moved(record["updated_at"], 1 + wait)
        if kind == "tracks":
            record["name"] = f"{record['name']} (Remastered)"
        elif kind == "users":
            record["email"] = f"new.{record['email']}"
