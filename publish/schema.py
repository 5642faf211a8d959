r"""The serving schema: what the frontend may rely on, whatever the engine.

Each engine renders these tables in its own dialect and keeps the notes with them, so that
`.schema` in sqlite3 and `\d+` in psql explain themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "real", "timestamp"]

OVERALL = "all"


@dataclass(frozen=True)
class Column:
    """A served column; `note` says what it holds and what a null means."""

    name: str
    kind: Kind
    note: str
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """What readers see; a list table has the key (subject, rank), `generation` has none."""

    name: str
    note: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns in the order in which they are written."""
        return [column.name for column in self.columns]

    @property
    def subject(self) -> str:
        """Whose list it is: the column that is looked up."""
        return self.key[0]


TRACK_ID = Column("track_id", "text", "identifier of the track, as the API issued it")
TRACK_NAME = Column("track_name", "text", "null: dim_track does not know the track", nullable=True)
ARTIST_NAME = Column("artist_name", "text", "null: the artist is not known", nullable=True)

RECOMMENDATIONS = Table(
    name="recommendations",
    note="One row per user and rank.",
    columns=(
        Column("user_id", "text", "identifier of the user, as the API issued it"),
        Column("rank", "integer", "1 is best; no gaps"),
        TRACK_ID,
        TRACK_NAME,
        ARTIST_NAME,
        Column("album_title", "text", "null: the album is not known", nullable=True),
        Column("score", "real", "comparable within one user and reason only", nullable=True),
        Column("reason", "text", "als, favourite_genre or popular"),
        Column(
            "because_track_id",
            "text",
            "heard track that weighed most; null: no such reason",
            nullable=True,
        ),
        Column("because_track_name", "text", "its name; null: not known", nullable=True),
        Column("because_artist_name", "text", "its artist; null: not known", nullable=True),
    ),
    key=("user_id", "rank"),
)
POPULAR = Table(
    name="popular_by_genre",
    note="One row per genre and rank, for visitors without an account.",
    columns=(
        Column("genre_name", "text", f"{OVERALL}: whatever the genre"),
        Column("rank", "integer", "1 is best; by listeners, then plays, then track_id"),
        TRACK_ID,
        TRACK_NAME,
        ARTIST_NAME,
        Column("listener_count", "integer", "known users who heard the track at least once"),
    ),
    key=("genre_name", "rank"),
)
SIMILAR = Table(
    name="similar_tracks",
    note="One row per track and rank; no rows when gold has no similar_tracks.",
    columns=(
        Column("track_id", "text", "the track whose like is asked for, as the API issued it"),
        Column("rank", "integer", "1 is most alike; no gaps"),
        Column("similar_track_id", "text", "the track that is like it"),
        Column("track_name", "text", "of the similar track; null: not known", nullable=True),
        Column("artist_name", "text", "of the similar track; null: not known", nullable=True),
        Column("score", "real", "cosine, -1 to 1", nullable=True),
    ),
    key=("track_id", "rank"),
)
GENERATION = Table(
    name="generation",
    note="One row: what is being served.",
    columns=(
        Column("generation", "integer", "grows by publication; a rollback goes back"),
        Column("model_version", "text", "the model that made the recommendations"),
        Column("generated_at", "timestamp", "UTC, when it made them: how fresh the lists are"),
        Column("published_at", "timestamp", "UTC, when they were written here"),
        Column("user_count", "integer", "users with recommendations"),
        Column("recommendation_count", "integer", "rows in recommendations"),
        Column("similar_track_count", "integer", "rows in similar_tracks"),
        Column("popular_count", "integer", "rows in popular_by_genre"),
    ),
)
LISTS = (RECOMMENDATIONS, SIMILAR, POPULAR)
TABLES = (GENERATION, *LISTS)
