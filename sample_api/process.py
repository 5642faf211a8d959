"""The API as a child process, for whoever needs one for a while."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sample_api.settings import SampleSettings

_START_SECONDS = 60
_STOP_SECONDS = 10


class SampleApiNotStartedError(RuntimeError):
    """The child process ended before it served."""


@contextmanager
def running(settings: SampleSettings) -> Iterator[str]:
    """Serve `settings` from a child process on a free port of 127.0.0.1, and yield its URL.

    The child ends with the block, and with this process even if that is killed: it watches the
    pipe that is its standard input.

    Raises:
        SampleApiNotStartedError: If the child ends, or says nothing for a minute.
    """
    command = [sys.executable, "-m", "sample_api", *options_of(settings), "--exit-on-eof"]
    with subprocess.Popen(  # noqa: S603 - our own module, with numbers for arguments
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            yield _url_of(child)
        finally:
            _stop(child)


def options_of(settings: SampleSettings) -> list[str]:
    """The command line options that give these settings to `python -m sample_api`."""
    return [
        f"--users={settings.users}",
        f"--tracks={settings.tracks}",
        f"--listens={settings.listens}",
        f"--seed={settings.seed}",
        f"--end={settings.end.isoformat(timespec='microseconds')}",
        "--dirty" if settings.dirty else "--no-dirty",
    ]


def _url_of(child: subprocess.Popen[str]) -> str:
    if child.stdout is None:
        raise SampleApiNotStartedError("the sample API has no standard output; pipe it")
    timer = threading.Timer(_START_SECONDS, child.kill)
    timer.start()
    try:
        url = child.stdout.readline().strip()
    finally:
        timer.cancel()
    if not url:
        raise SampleApiNotStartedError(
            f"the sample API ended with status {child.wait()} before it served; "
            "run `python -m sample_api` with the same options to see why"
        )
    return url


def _stop(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
