"""One run at a time on a lake."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

FILE = ".lock"
PAUSE_SECONDS = 0.5


class LakeBusyError(RuntimeError):
    """Another run holds the lake."""


@contextmanager
def held(
    lake: Path, *, wait_seconds: float = 0.0, on_wait: Callable[[str], None] = lambda _who: None
) -> Iterator[None]:
    """Hold the lake for the length of a block; the system lets go if the process dies.

    Args:
        lake: its folder, made if it is not there.
        wait_seconds: how long to wait for another run to end.
        on_wait: told once who holds it, before the waiting.

    Raises:
        LakeBusyError: another process holds it; the message says which, since when and where.
    """
    lake.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + wait_seconds
    told = False
    with (lake / FILE).open("a+") as file:
        while not _taken(file.fileno()):
            if time.monotonic() >= until:
                raise LakeBusyError(
                    f"The lake {lake} is held by {_holder(lake)}; wait for it to end, or set"
                    " MEDLEY_WAIT to the seconds to wait."
                )
            if not told:
                on_wait(_holder(lake))
                told = True
            time.sleep(PAUSE_SECONDS)
        file.truncate(0)
        since = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
        file.write(f"a run with pid {os.getpid()} on {socket.gethostname()} since {since}")
        file.flush()
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lake: Path) -> str:
    return (lake / FILE).read_text().strip() or "a run that has not said its pid"
