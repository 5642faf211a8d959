"""A read-only HTTP API over the serving database, as an example of a frontend's backend.

Every answer is of one generation and names it; its ETag changes with the generation only, so a
client that asks again with If-None-Match is told 304 until there is something new.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, HTTPException, Request, Response
from fastapi import Path as InPath
from fastapi import Query as InQuery
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.convertors import Convertor, register_url_convertor

from publish import reader
from publish.contract import (
    Freshness,
    Genres,
    Health,
    PopularTracks,
    Problem,
    Recommendations,
    SimilarTracks,
)
from publish.engine import Engine, Query, Readers
from publish.errors import NothingPublishedError, PublishError
from publish.schema import OVERALL

CONNECTIONS = 8
RETRY_SECONDS = 5
GENRES = "select distinct genre_name from popular_by_genre order by genre_name"

Length = Annotated[int, InQuery(ge=1, le=100, description="Tracks, at most.")]
Known = Annotated[
    str | None,
    Header(alias="If-None-Match", description="ETags the client has; 304 if one is current."),
]
UNAVAILABLE: dict[int | str, dict[str, Any]] = {
    503: {"model": Problem, "description": "Nothing is published, or the database is down."}
}
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client has this generation already.", "content": None}
}
MISSING: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such list; the text says what helps."}
}


class AnyText(Convertor[str]):
    """An identifier in a path, whatever the music API issued: slashes and line breaks included."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """As it stands."""
        return value

    def to_string(self, value: str) -> str:
        """As it stands."""
        return value


register_url_convertor("text", AnyText())
routes = APIRouter(responses=UNAVAILABLE)


def create_app(engine: Engine) -> FastAPI:
    """The application; it holds some connections to the serving database, and no data."""

    @asynccontextmanager
    async def connected(app: FastAPI) -> AsyncIterator[None]:
        with engine.readers(size=CONNECTIONS) as readers:
            app.state.readers = readers
            yield

    app = FastAPI(
        title="Medley",
        description="Recommendations, similar tracks and what is popular. Read-only.",
        version="1",
        lifespan=connected,
        exception_handlers={PublishError: _unavailable},
    )
    app.include_router(routes)
    return app


async def _unavailable(_: Request, error: Exception) -> Response:
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return JSONResponse({"detail": str(error)}, status_code=503, headers=headers)


def _readers(request: Request) -> Readers:
    readers: Readers = request.app.state.readers
    return readers


def _freshness(query: Query) -> Freshness:
    served = reader.served(query)
    if served is None:
        raise NothingPublishedError("nothing is published yet; run `medley publish`")
    return Freshness.model_validate(asdict(served))


def _answer(body: BaseModel, freshness: Freshness, known: str | None) -> Response:
    """The body, or 304 if the client has it; `If-None-Match` compares weakly (RFC 9110, 13.1.2)."""
    moment = int(freshness.published_at.timestamp() * 1_000_000)
    etag = f'"{freshness.generation}-{moment:x}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    tags = [tag.strip().removeprefix("W/") for tag in (known or "").split(",")]
    if etag in tags or tags == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(body.model_dump_json(), media_type="application/json", headers=headers)


@routes.get("/health", response_model=Health)
def health(request: Request) -> Health:
    """Whether there is something to serve, and how old it is."""
    with _readers(request).reading() as query:
        freshness = _freshness(query)
    age = (datetime.now(UTC) - freshness.generated_at).total_seconds()
    return Health(status="ok", freshness=freshness, age_seconds=age)


@routes.get(
    "/users/{user_id:text}/recommendations", response_model=Recommendations, responses=NOT_MODIFIED
)
def recommendations(
    request: Request,
    user_id: Annotated[str, InPath(description="As the music API issued it.", examples=["78723"])],
    n: Length = 10,
    if_none_match: Known = None,
) -> Response:
    """A user's list; what is popular, marked as such, for who has none, as a new user."""
    with _readers(request).reading() as query:
        freshness = _freshness(query)
        tracks = [asdict(row) for row in reader.recommended(query, user_id, n=n)]
        source = "recommendations"
        if not tracks:
            source = "popular"
            unknown = {"album_title": None, "score": None, "reason": "popular"}
            popular = reader.most_heard(query, OVERALL, n=n)
            tracks = [asdict(row) | unknown for row in popular]
    body = Recommendations.model_validate(
        {"user_id": user_id, "source": source, "freshness": freshness, "tracks": tracks}
    )
    return _answer(body, freshness, if_none_match)


@routes.get(
    "/tracks/{track_id:text}/similar",
    response_model=SimilarTracks,
    responses=NOT_MODIFIED | MISSING,
)
def similar(
    request: Request,
    track_id: Annotated[str, InPath(description="As the music API issued it.", examples=["6412"])],
    n: Length = 10,
    if_none_match: Known = None,
) -> Response:
    """The tracks most like a track."""
    with _readers(request).reading() as query:
        freshness = _freshness(query)
        tracks = [asdict(row) for row in reader.alike(query, track_id, n=n)]
        served = reader.served(query)
    if not tracks:
        none_at_all = served is not None and not served.similar_track_count
        why = (
            "no similar tracks are published; `medley run` makes and publishes them"
            if none_at_all
            else f"track {track_id!r} is not known, or was heard too seldom to be compared"
        )
        raise HTTPException(404, f"{why}; see /popular for what everybody hears")
    body = SimilarTracks.model_validate(
        {"track_id": track_id, "freshness": freshness, "tracks": tracks}
    )
    return _answer(body, freshness, if_none_match)


@routes.get("/popular", response_model=PopularTracks, responses=NOT_MODIFIED | MISSING)
def popular(
    request: Request,
    genre: Annotated[str, InQuery(description="One of /genres.", examples=["Rock"])] = OVERALL,
    n: Length = 10,
    if_none_match: Known = None,
) -> Response:
    """The most heard tracks of a genre, or of all: for visitors without an account."""
    with _readers(request).reading() as query:
        freshness = _freshness(query)
        tracks = [asdict(row) for row in reader.most_heard(query, genre, n=n)]
    if not tracks and genre != OVERALL:
        raise HTTPException(404, f"nobody has heard a track of genre {genre!r}; see /genres")
    body = PopularTracks.model_validate({"genre": genre, "freshness": freshness, "tracks": tracks})
    return _answer(body, freshness, if_none_match)


@routes.get("/genres", response_model=Genres, responses=NOT_MODIFIED)
def genres(request: Request, if_none_match: Known = None) -> Response:
    """The genres that /popular has a list of."""
    with _readers(request).reading() as query:
        freshness = _freshness(query)
        names = [name for (name,) in query(GENRES)]
    body = Genres(freshness=freshness, genres=names)
    return _answer(body, freshness, if_none_match)
