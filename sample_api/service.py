"""The API over HTTP."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from types import FrameType

import click
import uvicorn
from fastapi import FastAPI, Response

from sample_api.contract import ListenHistoryOut, Page, PageNumber, PageSize, TracksOut, UsersOut
from sample_api.pages import page_bytes
from sample_api.settings import SampleSettings

_SHUTDOWN_SECONDS = 3
_BACKLOG = 2048


def create_app(settings: SampleSettings) -> FastAPI:
    """The application; it holds nothing but its settings."""
    app = FastAPI(
        title="Medley sample API",
        description="Tracks, users and listening history of an invented music service.",
        version="1.1",
    )

    def answer(kind: str, page: int, size: int) -> Response:
        content = page_bytes(settings, kind, page=page, size=size)
        return Response(content, media_type="application/json")

    @app.get("/tracks", response_model=Page[TracksOut])
    async def get_tracks(page: PageNumber = 1, size: PageSize = 100) -> Response:
        return answer("tracks", page, size)

    @app.get("/users", response_model=Page[UsersOut])
    async def get_users(page: PageNumber = 1, size: PageSize = 100) -> Response:
        return answer("users", page, size)

    @app.get("/listen_history", response_model=Page[ListenHistoryOut])
    async def get_listen_history(page: PageNumber = 1, size: PageSize = 100) -> Response:
        return answer("listen_history", page, size)

    return app


def serve(settings: SampleSettings, *, host: str = "127.0.0.1", port: int = 0) -> None:
    """Serve until SIGTERM or SIGINT; print the URL on stdout once the port is open.

    Args:
        settings: What to serve.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.

    Raises:
        OSError: If the address cannot be bound.
    """
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)  # uvicorn raises the signal again when it is done
    with listening_socket(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"http://{shown}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])


def listening_socket(host: str, port: int) -> socket.socket:
    """A listening socket. It names TCP, or asyncio leaves Nagle on: 40 ms for every answer."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
