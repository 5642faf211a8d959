"""User records by index; the first users are the most active ones."""

from __future__ import annotations

import unicodedata

import numpy as np

from sample_api.catalog import catalog_of
from sample_api.genres import GENRES
from sample_api.ids import issued_ids
from sample_api.moments import DAY, end_of, iso_texts, opening_of
from sample_api.names import person_names
from sample_api.noise import Ints, below, uniform
from sample_api.records import Record
from sample_api.settings import SampleSettings
from sample_api.taste import preferred_genres

_OLDEST = 3 * 365 * DAY
_DOMAINS = ("example.com", "example.org", "example.net")
_GENDERS = (
    "Female",
    "Male",
    "Non-binary",
    "Genderfluid",
    "Genderqueer",
    "Agender",
    "Bigender",
    "Gender questioning",
    "Gender nonconforming",
)
_GENDER_BOUNDS = [0.44, 0.88, 0.91, 0.93, 0.95, 0.965, 0.98, 0.99]


def user_records(settings: SampleSettings, index: Ints) -> list[Record]:
    """The user of each index (0..users-1), as the contract has it."""
    seed = settings.seed
    ids = issued_ids(settings, "users", index).tolist()
    names = person_names(seed, "user", index)
    gender = np.searchsorted(_GENDER_BOUNDS, uniform(seed, "user.gender", index), side="right")
    age = (uniform(seed, "user.age", index) * (_OLDEST - DAY)).astype(np.int64) + DAY
    created = opening_of(settings) - age
    rest = uniform(seed, "user.updated", index) * (end_of(settings) - created)
    columns = {
        "id": ids,
        "first_name": [first for first, _ in names],
        "last_name": [last for _, last in names],
        "email": _emails(seed, index, ids, names),
        "gender": [_GENDERS[which] for which in gender.tolist()],
        "favorite_genres": _genre_texts(settings, index),
        "created_at": iso_texts(created),
        "updated_at": iso_texts(created + rest.astype(np.int64)),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _emails(seed: int, index: Ints, ids: list[int], names: list[tuple[str, str]]) -> list[str]:
    """Addresses at the domains reserved for examples; the id keeps them apart."""
    domain = below(len(_DOMAINS), seed, "user.domain", index).tolist()
    return [
        f"{_plain(first)}.{last}{number}@{_DOMAINS[which]}".lower()
        for number, (first, last), which in zip(ids, names, domain, strict=True)
    ]


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("ø", "o"))
    return letters.encode("ascii", "ignore").decode()


def _genre_texts(settings: SampleSettings, index: Ints) -> list[str]:
    if not settings.tracks:
        which = below(len(GENRES), settings.seed, "user.genre", index)
        return [GENRES[genre].name for genre in which.tolist()]
    count, genres = preferred_genres(settings.seed, catalog_of(settings.tracks), index)
    return [
        ", ".join(dict.fromkeys(GENRES[genre].name for genre in row[:limit]))
        for row, limit in zip(genres.tolist(), count.tolist(), strict=True)
    ]
