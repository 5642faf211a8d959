"""How large and how new the lake's tables are, as cheaply as Parquet allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

VERSION_TIME = "%Y%m%dT%H%M%S"


@dataclass(frozen=True)
class Extent:
    """What a table takes: rows, bytes and files of its current version."""

    rows: int
    bytes: int
    files: int


def extent_of(table: Path) -> Extent | None:
    """The extent of a table's folder; None when there is none (a view, a table elsewhere)."""
    if not table.is_dir():
        return None
    files = [path for path in table.resolve().rglob("*.parquet") if path.is_file()]
    rows = sum(pq.read_metadata(path).num_rows for path in files)
    return Extent(rows=rows, bytes=sum(path.stat().st_size for path in files), files=len(files))


def rows_of(table: Path, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """The rows of a small table; none when it is not there."""
    if not table.is_dir():
        return []
    rows: list[dict[str, Any]] = (
        ds.dataset(table, format="parquet").to_table(columns=columns).to_pylist()
    )
    return rows


def tables_of(layer: Path) -> list[Path]:
    """The tables of a layer: every folder that is not set aside by `_` or `.`."""
    return sorted(path for path in layer.glob("[!_.]*") if path.is_dir())


def written_at(table: Path) -> datetime:
    """When the current version was begun: a version's name says so, any other folder's time does.

    What had landed by then is in it, which is what the moment is used for.
    """
    version = table.resolve()
    try:
        return datetime.strptime(version.name.partition("-")[0], VERSION_TIME).replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(version.stat().st_mtime, UTC)


def newest(table: Path, column: str) -> datetime | None:
    """The latest moment in a column, UTC; reads that column alone, a batch at a time.

    Spark writes timestamps as INT96, of which Parquet footers hold no maximum.
    """
    batches = ds.dataset(table, format="parquet").to_batches(columns=[column])
    found = [pc.max(batch[column]).cast("timestamp[us]").as_py() for batch in batches]
    return max((moment.replace(tzinfo=UTC) for moment in found if moment), default=None)
