"""Read the serving database, as the frontend does.

Every function opens it, asks one question and closes it: the next call sees a newer generation
if there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from publish.schema import OVERALL
from publish.url import engine_for

RECOMMENDED = """
select rank, track_id, track_name, artist_name, album_title, score, reason
from recommendations where user_id = ? and rank <= ? order by rank
"""
POPULAR = """
select rank, track_id, track_name, artist_name, listener_count
from popular_by_genre where genre_name = ? and rank <= ? order by rank
"""
GENERATION = """
select model_version, generated_at, published_at, user_count, recommendation_count
from generation
"""


@dataclass(frozen=True)
class Recommendation:
    """A track for a user; a name is None where gold does not know it."""

    rank: int
    track_id: str
    track_name: str | None
    artist_name: str | None
    album_title: str | None
    score: float | None
    reason: str


@dataclass(frozen=True)
class PopularTrack:
    """A track for a visitor; a name is None where gold does not know it."""

    rank: int
    track_id: str
    track_name: str | None
    artist_name: str | None
    listener_count: int


@dataclass(frozen=True)
class Generation:
    """What is being served; both moments are UTC."""

    model_version: str
    generated_at: datetime
    published_at: datetime
    user_count: int
    recommendation_count: int


def recommendations_for(
    url_or_path: str | Path, user_id: str, *, n: int = 10
) -> list[Recommendation]:
    """The first `n` recommendations of a user, best first; empty for an unknown user.

    An identifier that is not valid Unicode, as a shell may pass it, is nobody's.

    Raises:
        ServingUrlError: the URL is of no supported engine.
        NothingPublishedError: there is nothing to read yet.
        NotAServingDatabaseError: what is there is something else.
        DatabaseUnreachableError: the server does not answer, or does not let us read.
    """
    return [Recommendation(*row) for row in _ask(url_or_path, RECOMMENDED, user_id, n)]


def popular(url_or_path: str | Path, *, genre: str = OVERALL, n: int = 10) -> list[PopularTrack]:
    """The `n` most heard tracks of a genre, 'all' for overall; empty for an unknown genre.

    Raises the same as `recommendations_for`.
    """
    return [PopularTrack(*row) for row in _ask(url_or_path, POPULAR, genre, n)]


def generation(url_or_path: str | Path) -> Generation:
    """What is being served. Raises the same as `recommendations_for`."""
    [(model_version, generated_at, published_at, users, rows)] = _ask(url_or_path, GENERATION)
    return Generation(model_version, _moment(generated_at), _moment(published_at), users, rows)


def _ask(url_or_path: str | Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    with engine_for(url_or_path).reading() as query:
        try:
            return query(sql, parameters)
        except UnicodeEncodeError:
            return []


def _moment(value: str | datetime) -> datetime:
    """SQLite has no type for time: it comes back as the ISO 8601 text it was written as."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
