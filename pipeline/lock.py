"""One run at a time on a lake."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LakeBusyError(RuntimeError):
    """Another run holds the lake."""


@contextmanager
def held(lake: Path) -> Iterator[None]:
    """Hold the lake for the length of a block; the system lets go if the process dies.

    Raises:
        LakeBusyError: another process holds it; the message names its pid.
    """
    lake.mkdir(parents=True, exist_ok=True)
    with (lake / ".lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise LakeBusyError(
                f"The lake {lake} is held by a run with pid {holder}; wait for it to end."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
