"""Read the serving database, as the frontend does.

A function that is given a URL opens it, asks one question and closes it: the next call sees a newer
generation if there is one. What is given a query of `Engine.reading` sees one generation in all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publish import schema
from publish.engine import Query
from publish.errors import NothingPublishedError
from publish.schema import OVERALL
from publish.url import engine_for

RECOMMENDED = """
select rank, track_id, track_name, artist_name, album_title, score, reason,
    because_track_id, because_track_name, because_artist_name
from recommendations where user_id = ? and rank <= ? order by rank
"""
ALIKE = """
select rank, similar_track_id, track_name, artist_name, score
from similar_tracks where track_id = ? and rank <= ? order by rank
"""
POPULAR = """
select rank, track_id, track_name, artist_name, listener_count
from popular_by_genre where genre_name = ? and rank <= ? order by rank
"""
GENERATION = f"select {', '.join(schema.GENERATION.names)} from generation"  # noqa: S608


@dataclass(frozen=True)
class Recommendation:
    """A track for a user; a name is None where gold does not know it.

    `because_...` is the heard track that weighed most; None for other reasons than `als`.
    """

    rank: int
    track_id: str
    track_name: str | None
    artist_name: str | None
    album_title: str | None
    score: float | None
    reason: str
    because_track_id: str | None = None
    because_track_name: str | None = None
    because_artist_name: str | None = None


@dataclass(frozen=True)
class SimilarTrack:
    """A track that is like another; the score is a cosine, -1 to 1."""

    rank: int
    track_id: str
    track_name: str | None
    artist_name: str | None
    score: float | None


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

    generation: int
    model_version: str
    generated_at: datetime
    published_at: datetime
    user_count: int
    recommendation_count: int
    similar_track_count: int
    popular_count: int


def recommended(query: Query, user_id: str, *, n: int) -> list[Recommendation]:
    """The first `n` recommendations of a user, best first; empty for an unknown user."""
    return [Recommendation(*row) for row in query(RECOMMENDED, (user_id, n))]


def alike(query: Query, track_id: str, *, n: int) -> list[SimilarTrack]:
    """The `n` tracks most like a track; empty for an unknown track, and when none are served."""
    return [SimilarTrack(*row) for row in query(ALIKE, (track_id, n))]


def most_heard(query: Query, genre: str, *, n: int) -> list[PopularTrack]:
    """The `n` most heard tracks of a genre, 'all' for overall; empty for an unknown genre."""
    return [PopularTrack(*row) for row in query(POPULAR, (genre, n))]


def served(query: Query) -> Generation | None:
    """What is being served."""
    rows = query(GENERATION)
    if not rows:
        return None
    values = dict(zip(schema.GENERATION.names, rows[0], strict=True))
    for name in ("generated_at", "published_at"):  # SQLite has no type for time: ISO 8601 text
        if isinstance(values[name], str):
            values[name] = datetime.fromisoformat(values[name])
    return Generation(**values)


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
    with engine_for(url_or_path).reading() as query:
        return recommended(query, user_id, n=n) if _is_text(user_id) else []


def popular(url_or_path: str | Path, *, genre: str = OVERALL, n: int = 10) -> list[PopularTrack]:
    """The `n` most heard tracks of a genre, 'all' for overall; empty for an unknown genre.

    Raises the same as `recommendations_for`.
    """
    with engine_for(url_or_path).reading() as query:
        return most_heard(query, genre, n=n) if _is_text(genre) else []


def similar(url_or_path: str | Path, track_id: str, *, n: int = 10) -> list[SimilarTrack]:
    """The `n` tracks most like a track. Raises the same as `recommendations_for`."""
    with engine_for(url_or_path).reading() as query:
        return alike(query, track_id, n=n) if _is_text(track_id) else []


def generation(url_or_path: str | Path) -> Generation:
    """What is being served. Raises the same as `recommendations_for`."""
    with engine_for(url_or_path).reading() as query:
        found = served(query)
    if found is None:
        raise NothingPublishedError("nothing is published; run `medley publish`")
    return found


def _is_text(identifier: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in identifier)
