"""The embedded metastore, which one process at a time can open."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path

from dbt_common.exceptions import DbtRuntimeError

PATIENCE_SECONDS = 15.0
PAUSE_SECONDS = 0.5


def require_free(database: Path, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Wait a little for the database to be free: the JVM of a killed run takes a moment to end.

    Derby locks a file of its own while a JVM has the database open; whether that lock can be had
    tells at once what Derby would say, less clearly, after most of a minute.

    Raises:
        DbtRuntimeError: another process holds it.
    """
    lock = database / "dbex.lck"
    until = time.monotonic() + patience_seconds
    while lock.exists() and not _is_free(lock):
        if time.monotonic() > until:
            raise DbtRuntimeError(
                f"Another process (a run, dbt or a shell) has the metastore {database} open, and "
                "only one can: wait for it to end, or end it."
            )
        time.sleep(PAUSE_SECONDS)


def _is_free(lock: Path) -> bool:
    with lock.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
