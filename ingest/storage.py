"""File work: the only module that knows that the lake is a local disk."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.errors import LakeBusyError


def rows_folder(lake: Path, endpoint: str) -> Path:
    """Where visible batches are."""
    return lake / "bronze" / f"{endpoint}_raw"


def rejects_folder(lake: Path, endpoint: str) -> Path:
    """Where the rejects of visible batches are."""
    return lake / "bronze" / "_rejects" / f"{endpoint}_raw"


def batch_folders(root: Path, batch_id: str = "*") -> list[Path]:
    """Batch folders below a root, oldest day first."""
    return sorted(root.glob(f"ingest_date=*/batch={batch_id}"))


@contextmanager
def staging(lake: Path, endpoint: str) -> Iterator[Path]:
    """Give a folder to write in, under a lock; what is left in it at the end is removed.

    Also removes what a killed run left behind: its staging, and rejects whose batch never came.

    Raises:
        LakeBusyError: another process is at it; the lock ends with its process.
    """
    root = lake / "bronze" / "_staging"
    root.mkdir(parents=True, exist_ok=True)
    with (root / f"{endpoint}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LakeBusyError(
                f"another ingest of {endpoint} into {lake} is running: wait until it ends"
            ) from None
        visible = {folder.name for folder in batch_folders(rows_folder(lake, endpoint))}
        for folder in batch_folders(rejects_folder(lake, endpoint)):
            if folder.name not in visible:
                shutil.rmtree(folder)
        try:
            yield root / endpoint
        finally:
            remove(root / endpoint)


def remove(folder: Path) -> None:
    """Remove a folder if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def open_part(folder: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Open the data file of a batch that is being written."""
    folder.mkdir(parents=True)
    return pq.ParquetWriter(folder / "part-00000.parquet", schema, compression="zstd")


def publish(folder: Path, root: Path, *, day: str, batch_id: str) -> Path:
    """Flush a folder to disk and rename it to its place, which makes it visible at once."""
    target = root / f"ingest_date={day}" / f"batch={batch_id}"
    target.parent.mkdir(parents=True, exist_ok=True)
    for path in [*folder.iterdir(), folder]:
        _sync(path)
    folder.rename(target)
    for path in (target.parent, root):
        _sync(path)
    return target


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
