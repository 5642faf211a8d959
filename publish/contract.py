"""The answers of the HTTP API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

NAME_NOTE = "null: not known"


class Freshness(BaseModel):
    """Of which generation an answer is; both moments are UTC."""

    generation: Annotated[int, Field(examples=[12])]
    model_version: Annotated[str, Field(examples=["20261123T173108"])]
    generated_at: Annotated[datetime, Field(description="When the model made the lists.")]
    published_at: Annotated[datetime, Field(description="When they came to be served.")]


class Track(BaseModel):
    """A track in a list."""

    rank: Annotated[int, Field(description="1 is best; no gaps.", examples=[1])]
    track_id: Annotated[str, Field(examples=["6412"])]
    track_name: Annotated[str | None, Field(description=NAME_NOTE, examples=["Keen Marigold"])]
    artist_name: Annotated[
        str | None, Field(description=NAME_NOTE, examples=["Wayward Bramble Club"])
    ]


class RecommendedTrack(Track):
    """A track for a user."""

    album_title: Annotated[str | None, Field(description=NAME_NOTE, examples=["Upland"])]
    score: Annotated[
        float | None,
        Field(description="Comparable within one user and reason only.", examples=[0.87]),
    ]
    reason: Annotated[str, Field(description="als, favourite_genre or popular.", examples=["als"])]
    because_track_id: Annotated[
        str | None,
        Field(
            description="The track the user heard that weighed most; null: another reason.",
            examples=["178"],
        ),
    ] = None
    because_track_name: Annotated[
        str | None, Field(description=NAME_NOTE, examples=["Lucid Balcony"])
    ] = None
    because_artist_name: Annotated[
        str | None, Field(description=NAME_NOTE, examples=["The Careful Mirror"])
    ] = None


class SimilarTrackOut(Track):
    """A track that is like another."""

    score: Annotated[float | None, Field(description="Cosine, -1 to 1.", examples=[0.91])]


class PopularTrackOut(Track):
    """A track that many have heard."""

    listener_count: Annotated[int, Field(examples=[431])]


class Recommendations(BaseModel):
    """A user's list; of what is popular for one who has none, which `source` says."""

    user_id: Annotated[str, Field(examples=["78723"])]
    source: Annotated[
        Literal["recommendations", "popular"],
        Field(description="popular: the user has no list yet, and sees what a visitor sees."),
    ]
    freshness: Freshness
    tracks: list[RecommendedTrack]


class SimilarTracks(BaseModel):
    """The tracks most like a track."""

    track_id: Annotated[str, Field(examples=["6412"])]
    freshness: Freshness
    tracks: list[SimilarTrackOut]


class PopularTracks(BaseModel):
    """The most heard tracks of a genre."""

    genre: Annotated[str, Field(description="all: whatever the genre.", examples=["all"])]
    freshness: Freshness
    tracks: list[PopularTrackOut]


class Genres(BaseModel):
    """The genres that have a list of popular tracks."""

    freshness: Freshness
    genres: Annotated[list[str], Field(examples=[["all", "Jazz", "Rock"]])]


class Health(BaseModel):
    """That the API can answer, and how old what it serves is."""

    status: Literal["ok"]
    freshness: Freshness
    age_seconds: Annotated[float, Field(description="Since generated_at.", examples=[5400.0])]


class Problem(BaseModel):
    """Why there is no answer, and what helps."""

    detail: Annotated[str, Field(examples=["no track is like '7'; see /popular"])]
