from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from sample_api.dirt import flaw_of, repeat_count, repeated_index
from sample_api.flaws import FLAWS
from sample_api.genres import GENRES
from sample_api.ids import issued_ids
from sample_api.pages import records_at, size_of, total_of
from sample_api.records import Record
from sample_api.settings import SampleSettings

DIRTY = SampleSettings(dirty=True)
KINDS = ("tracks", "users", "listen_history")
GENRE_NAMES = {genre.name for genre in GENRES}
USERS = set(issued_ids(DIRTY, "users", np.arange(DIRTY.users)).tolist())
TRACKS = set(issued_ids(DIRTY, "tracks", np.arange(DIRTY.tracks)).tolist())


def texts(record: Record) -> Iterator[str]:
    return (value for key, value in record.items() if isinstance(value, str) and key != "duration")


def names(record: Record) -> Iterator[str]:
    labels = ("genres", "favorite_genres", "email", "duration")
    return texts({key: value for key, value in record.items() if key not in labels})


def genre_list(record: Record) -> list[str]:
    text: str = record["genres"] if "genres" in record else record["favorite_genres"]
    return text.split(", ")


SIGNS: dict[str, Callable[[Record], Any]] = {
    "updated_before_created": lambda r: r["updated_at"] < r["created_at"],
    "blank": lambda r: not all(text.strip() for text in names(r)),
    "padded": lambda r: any(text.strip() and text != text.strip() for text in names(r)),
    "decomposed": lambda r: any(text != unicodedata.normalize("NFC", text) for text in texts(r)),
    "respelled": lambda r: not set(genre_list(r)) <= GENRE_NAMES,
    "impossible_duration": lambda r: not re.fullmatch(r"\d\d:[0-5]\d", r["duration"]),
    "bad_email": lambda r: not re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+", r["email"]),
    "unknown_track": lambda r: not set(r["items"] or ()) <= TRACKS,
    "unknown_user": lambda r: r["user_id"] is not None and r["user_id"] not in USERS,
    "null_user": lambda r: r["user_id"] is None,
    "null_items": lambda r: r["items"] is None,
    "empty_items": lambda r: r["items"] == [],
}


@cache
def everything(settings: SampleSettings, kind: str) -> list[Record]:
    return records_at(settings, kind, np.arange(total_of(settings, kind)))


@pytest.mark.parametrize(("kind", "flaw"), [(kind, flaw) for kind in KINDS for flaw in FLAWS[kind]])
def test_each_flaw_shows_on_one_record_in_a_hundred(kind: str, flaw: str) -> None:
    spoilt = [record for record in everything(DIRTY, kind) if SIGNS[flaw](record)]
    expected = [flaw_of(kind, index) for index in range(size_of(DIRTY, kind))].count(flaw)
    assert len(spoilt) == expected == size_of(DIRTY, kind) // 100


@pytest.mark.parametrize(("kind", "flaw"), [(kind, flaw) for kind in KINDS for flaw in FLAWS[kind]])
def test_a_clean_api_has_no_flaw(kind: str, flaw: str) -> None:
    assert not any(SIGNS[flaw](record) for record in everything(SampleSettings(), kind))


def key_of(record: Record) -> tuple[object, ...]:
    if "id" in record:
        return (record["id"],)
    return (record["user_id"], record["created_at"])


@pytest.mark.parametrize(
    ("kind", "changed"), [("tracks", "name"), ("users", "email"), ("listen_history", "items")]
)
def test_one_record_in_a_hundred_comes_again_changed_later(kind: str, changed: str) -> None:
    records = everything(DIRTY, kind)
    counts = Counter(key_of(record) for record in records)
    twice = {key for key, count in counts.items() if count == 2}
    assert len(twice) == size_of(DIRTY, kind) // 100 == len(records) - size_of(DIRTY, kind)
    versions: dict[tuple[object, ...], list[Record]] = {}
    for record in records:
        if key_of(record) in twice:
            versions.setdefault(key_of(record), []).append(record)
    for one, two in versions.values():
        older, newer = sorted((one, two), key=lambda record: str(record["updated_at"]))
        assert older["updated_at"] < newer["updated_at"]
        differing = {field for field in older if older[field] != newer[field]}
        assert differing == {changed, "updated_at"}


def test_second_appearances_are_on_other_pages_and_in_either_order() -> None:
    pages: dict[object, list[tuple[int, str]]] = {}
    for place, record in enumerate(everything(DIRTY, "tracks")):
        pages.setdefault(record["id"], []).append((place // 100, record["updated_at"]))
    twice = [sorted(found) for found in pages.values() if len(found) == 2]
    assert sum(one[0] != two[0] for one, two in twice) > 15
    assert {one[1] < two[1] for one, two in twice} == {True, False}


def test_flaws_keep_clear_of_records_that_come_again() -> None:
    for kind in KINDS:
        again = repeated_index(np.arange(repeat_count(1000)))
        assert [flaw_of(kind, index) for index in again.tolist()] == [None] * 10


@pytest.mark.parametrize(("size", "repeats"), [(0, 0), (10, 0), (11, 1), (110, 1), (111, 2)])
def test_only_records_that_exist_come_again(size: int, repeats: int) -> None:
    assert repeat_count(size) == repeats
    assert all(repeated_index(np.arange(repeats)) < size)


def test_dirt_is_the_same_every_time() -> None:
    for kind in KINDS:
        assert records_at(DIRTY, kind, np.arange(500)) == everything(DIRTY, kind)[:500]
