"""Reading a lake as an outsider would: Parquet, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.dataset as ds


def rows(lake: Path, table: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """The rows of `layer/table`; of bronze, those of all batches."""
    return ds.dataset(lake / table, format="parquet").to_table(columns=columns).to_pylist()


def count(lake: Path, table: str) -> int:
    """How many rows `layer/table` has."""
    return ds.dataset(lake / table, format="parquet").count_rows()
