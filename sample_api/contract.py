"""The shapes of the answers, for the API's own documentation; answers are not built from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

T = TypeVar("T")

PageNumber = Annotated[int, Query(ge=1, description="Page number")]
PageSize = Annotated[int, Query(ge=1, le=100)]


class TracksOut(BaseModel):
    """A track."""

    id: int
    name: str
    artist: str
    songwriters: str
    duration: str
    genres: str
    album: str
    created_at: datetime
    updated_at: datetime


class UsersOut(BaseModel):
    """A user."""

    id: int
    first_name: str
    last_name: str
    email: str
    gender: str
    favorite_genres: str
    created_at: datetime
    updated_at: datetime


class ListenHistoryOut(BaseModel):
    """A session: who listened to which tracks."""

    user_id: int | None
    items: list[int] | None
    created_at: datetime
    updated_at: datetime


class Page(BaseModel, Generic[T]):
    """Part of an endpoint's records."""

    items: list[T]
    total: Annotated[int, Field(ge=0)]
    page: Annotated[int, Field(ge=1)]
    size: Annotated[int, Field(ge=1)]
    pages: Annotated[int, Field(ge=0)]
