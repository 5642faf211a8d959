"""Pages of the three endpoints as bytes, computed record by record when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import numpy as np

from sample_api.dirt import renew, repeat_count, repeated_index, spoil
from sample_api.listens import listen_records
from sample_api.noise import Ints
from sample_api.permutation import shuffled
from sample_api.records import Record
from sample_api.settings import SampleSettings
from sample_api.tracks import track_records
from sample_api.users import user_records


def _newer_listens(settings: SampleSettings, index: Ints) -> list[Record]:
    return listen_records(settings, index, version=1)


_Builder = Callable[[SampleSettings, Ints], list[Record]]
_BUILDERS: Mapping[str, _Builder] = {
    "tracks": track_records,
    "users": user_records,
    "listen_history": listen_records,
}
_NEWER: Mapping[str, _Builder] = {**_BUILDERS, "listen_history": _newer_listens}


def size_of(settings: SampleSettings, kind: str) -> int:
    """How many different records an endpoint (`tracks`, `users`, `listen_history`) has."""
    size: int = getattr(settings, "listens" if kind == "listen_history" else kind)
    return size


def total_of(settings: SampleSettings, kind: str) -> int:
    """How many records an endpoint shows, second appearances included."""
    size = size_of(settings, kind)
    return size + (repeat_count(size) if settings.dirty else 0)


def records_at(settings: SampleSettings, kind: str, position: Ints) -> list[Record]:
    """The records at these positions (0..total-1) of an endpoint, in no particular order."""
    size, total = size_of(settings, kind), total_of(settings, kind)
    entry = shuffled(position, size=total, seed=settings.seed, stream=f"{kind}.position")
    second = entry >= size
    index = np.where(second, repeated_index(entry - size), entry)
    records = _BUILDERS[kind](settings, index)
    if settings.dirty:
        spoil(settings, kind, index, records)
    if second.any():
        newer = _NEWER[kind](settings, index[second])
        renew(settings, kind, index[second], newer)
        for place, record in zip(np.flatnonzero(second).tolist(), newer, strict=True):
            records[place] = record
    return records


def page_bytes(settings: SampleSettings, kind: str, *, page: int, size: int) -> bytes:
    """One page of an endpoint as JSON; a page past the end has no items."""
    total = total_of(settings, kind)
    start = (page - 1) * size
    items: list[Record] = []
    if start < total:
        items = records_at(settings, kind, np.arange(start, min(start + size, total)))
    answer = {
        "items": items,
        "total": total,
        "page": page,
        "size": size,
        "pages": -(-total // size),
    }
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
