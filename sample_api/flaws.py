"""The faults of a real service, one function each; every one spoils a record in place."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping

import numpy as np

from sample_api.genres import SPELLINGS
from sample_api.ids import issued_ids, stranger_limit
from sample_api.moments import DAY, moved
from sample_api.records import Record
from sample_api.settings import SampleSettings

Flaw = Callable[[SampleSettings, Record, int], None]
"""Takes the settings, the record and a random number that settles what the flaw leaves open."""

_BLANKS = ("", " ", "   ", "\t")
_DURATIONS = ("-1:30", "99:99", "abc", "")
_EMAILS = ("not-an-email", "", "name@", "@example.com", "two words@example.org")
_ACCENTS = ("\u0301", "\u0300", "\u0308")


def updated_before_created(_settings: SampleSettings, record: Record, pick: int) -> None:
    """The record was changed before there was one."""
    record["updated_at"] = moved(record["created_at"], -(1 + pick % (30 * DAY)))


def blank(*fields: str) -> Flaw:
    """One of the fields is empty or white space only."""

    def spoil(_settings: SampleSettings, record: Record, pick: int) -> None:
        record[fields[pick % len(fields)]] = _BLANKS[pick // 7 % len(_BLANKS)]

    return spoil


def padded(*fields: str) -> Flaw:
    """One of the fields has stray white space around it."""

    def spoil(_settings: SampleSettings, record: Record, pick: int) -> None:
        field = fields[pick % len(fields)]
        record[field] = (f" {record[field]}", f"{record[field]}  ")[pick // 7 % 2]

    return spoil


def decomposed(field: str) -> Flaw:
    """The field has a letter and its accent as two code points, so it is not in NFC."""

    def spoil(_settings: SampleSettings, record: Record, pick: int) -> None:
        name = unicodedata.normalize("NFD", record[field])
        if name == record[field]:
            place = next((i for i, letter in enumerate(name) if letter in "aeiou"), 0)
            name = f"{name[: place + 1]}{_ACCENTS[pick % len(_ACCENTS)]}{name[place + 1 :]}"
        record[field] = name

    return spoil


def respelled(field: str) -> Flaw:
    """The genres are written in another way, or with stray white space."""

    def spoil(_settings: SampleSettings, record: Record, pick: int) -> None:
        first, *others = record[field].split(", ")
        spellings = (*SPELLINGS.get(first, (first.lower(), first.upper())), f" {first} ")
        first = spellings[pick % len(spellings)]
        record[field] = (", ", " ,")[pick // 7 % 2].join([first, *others])

    return spoil


def impossible_duration(_settings: SampleSettings, record: Record, pick: int) -> None:
    """No track is that long."""
    record["duration"] = _DURATIONS[pick % len(_DURATIONS)]


def bad_email(_settings: SampleSettings, record: Record, pick: int) -> None:
    """No mail would arrive there."""
    record["email"] = _EMAILS[pick % len(_EMAILS)]


def unknown_track(settings: SampleSettings, record: Record, pick: int) -> None:
    """One of the tracks was never issued."""
    record["items"][pick % len(record["items"])] = _stranger(settings, "tracks", pick)


def unknown_user(settings: SampleSettings, record: Record, pick: int) -> None:
    """The user was never issued."""
    record["user_id"] = _stranger(settings, "users", pick)


def null_user(_settings: SampleSettings, record: Record, _pick: int) -> None:
    """Nobody listened."""
    record["user_id"] = None


def null_items(_settings: SampleSettings, record: Record, _pick: int) -> None:
    """There is no list."""
    record["items"] = None


def empty_items(_settings: SampleSettings, record: Record, _pick: int) -> None:
    """The list is empty."""
    record["items"] = []


def _stranger(settings: SampleSettings, kind: str, pick: int) -> int:
    index = getattr(settings, kind) + pick % stranger_limit(settings, kind)
    return int(issued_ids(settings, kind, np.array([index]))[0])


FLAWS: Mapping[str, Mapping[str, Flaw]] = {
    "tracks": {
        "updated_before_created": updated_before_created,
        "blank": blank("name", "artist", "album"),
        "padded": padded("name", "artist", "album"),
        "decomposed": decomposed("name"),
        "respelled": respelled("genres"),
        "impossible_duration": impossible_duration,
    },
    "users": {
        "updated_before_created": updated_before_created,
        "blank": blank("first_name", "last_name"),
        "padded": padded("first_name", "last_name"),
        "decomposed": decomposed("first_name"),
        "respelled": respelled("favorite_genres"),
        "bad_email": bad_email,
    },
    "listen_history": {
        "updated_before_created": updated_before_created,
        "unknown_track": unknown_track,
        "unknown_user": unknown_user,
        "null_user": null_user,
        "null_items": null_items,
        "empty_items": empty_items,
    },
}
"""By endpoint and name; each falls on one record in a hundred, see `sample_api.dirt`."""
