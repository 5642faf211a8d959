"""Replace a file at once: written beside it, made durable, renamed over it."""

from __future__ import annotations

import fcntl
import glob
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publish.errors import PublicationFailedError, PublicationUnderWayError

logger = logging.getLogger(__name__)


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold `<target>.lock`; the system lets go of it when the process dies, however it dies.

    Raises:
        PublicationUnderWayError: another process, or thread, holds it.
        PublicationFailedError: the folder cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = target.with_name(f"{target.name}.lock").open("a")
    except OSError as error:
        raise PublicationFailedError(f"cannot write to {target.parent}: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PublicationUnderWayError(
                f"another publication to {target} is under way; try again when it is done"
            ) from error
        yield


def _remove_unfinished(target: Path) -> None:
    """Remove what killed publications left; only safe under the lock."""
    for leftover in target.parent.glob(f"{glob.escape(target.name)}.building-*"):
        leftover.unlink(missing_ok=True)
        logger.info("removed an unfinished publication", extra={"file.path": str(leftover)})


@contextmanager
def built_beside(target: Path) -> Iterator[Path]:
    """Yield a path in the folder of `target` to build at; what is still there at the end goes.

    Only under the lock of the target.
    """
    _remove_unfinished(target)
    building = target.with_name(f"{target.name}.building-{os.getpid()}")
    try:
        yield building
    finally:
        _remove_unfinished(target)


def swap_in(building: Path, target: Path) -> None:
    """Make `building` the new `target`: readers see the old file or the new one, whole.

    The permissions of the old file are kept, so that whoever could read it still can.
    """
    try:
        if target.exists():
            shutil.copymode(target, building)
        _sync(building)
        for suffix in ("-wal", "-shm"):  # of a file that is gone: they would spoil the new one
            target.with_name(f"{target.name}{suffix}").unlink(missing_ok=True)
        building.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise PublicationFailedError(f"cannot replace {target}: {error}") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
