"""`medley serve`: the HTTP API of `publish.http`, until interrupted."""

from __future__ import annotations

import socket
from pathlib import Path

import click

from publish.cli import exit_status, lake_option, to_option
from publish.settings import PublishSettings
from publish.url import engine_for

SHUTDOWN_SECONDS = 3


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 takes a free one.",
)
@lake_option
@to_option
def serve(*, host: str, port: int, lake: Path | None, url: str | None) -> None:
    """Answer over HTTP, read-only: recommendations, similar tracks, what is popular.

    Its URL is the one line on stdout; /docs describes it.
    """
    settings = PublishSettings.from_env(lake=lake, url=url)
    with exit_status():
        engine = engine_for(settings.url)
    import uvicorn

    from publish.http import create_app

    config = uvicorn.Config(
        create_app(engine),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    try:
        listener = _listening(host, port)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another --host or --port"
        ) from error
    with listener:
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"http://{shown}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that names TCP, or asyncio leaves Nagle on: 40 ms for every answer."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


if __name__ == "__main__":
    serve(prog_name="python -m publish.serve")
