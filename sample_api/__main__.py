"""`python -m sample_api`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import datetime

import click

from sample_api.service import serve
from sample_api.settings import SampleSettings

_DEFAULTS = SampleSettings()
_END_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"]


@click.command(name="sample-api", context_settings={"show_default": True})
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--users", default=_DEFAULTS.users, help="Number of users.")
@click.option("--tracks", default=_DEFAULTS.tracks, help="Number of tracks.")
@click.option("--listens", default=_DEFAULTS.listens, help="Number of listening records.")
@click.option("--seed", default=_DEFAULTS.seed, help="Another seed is another world.")
@click.option("--dirty/--no-dirty", default=False, help="Show the faults of a real service.")
@click.option(
    "--end",
    default=_DEFAULTS.end.date().isoformat(),
    type=click.DateTime(_END_FORMATS),
    help="When the last session may start.",
)
@click.option("--exit-on-eof", is_flag=True, hidden=True, help="End when stdin does.")
def command(
    *,
    host: str,
    port: int,
    users: int,
    tracks: int,
    listens: int,
    seed: int,
    dirty: bool,
    end: datetime,
    exit_on_eof: bool,
) -> None:
    """Serve an invented music service until interrupted; its URL is the one line on stdout."""
    try:
        settings = SampleSettings(
            users=users, tracks=tracks, listens=listens, seed=seed, dirty=dirty, end=end
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if exit_on_eof:
        threading.Thread(target=_leave_with_stdin, daemon=True).start()
    try:
        serve(settings, host=host, port=port)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another --host or --port"
        ) from error


def _leave_with_stdin() -> None:
    while os.read(sys.stdin.fileno(), 65536):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    command()
