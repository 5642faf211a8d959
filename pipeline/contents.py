"""What gold's tables hold, whoever built them and when: a digest that no rebuild changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

BETWEEN = "\x1f"
NULL = -(2**63)
LISTENS = ["user_key", "track_key", "play_count", "listened_at"]


def digest(lake: Path, table: str, columns: list[str] | None = None) -> str:
    """A digest of a gold table's rows, in whatever order and files; reads a batch at a time.

    Args:
        lake: the folder that holds `gold/`.
        table: the table.
        columns: those that count; all but times, if left out.
    """
    folder = lake / "gold" / table
    if not folder.is_dir():
        return ""
    dataset = ds.dataset(folder.resolve(), format="parquet")
    fields = dataset.schema
    names = columns or [field.name for field in fields if not pa.types.is_timestamp(field.type)]
    rows, total = 0, 0
    for batch in dataset.to_batches(columns=names):
        frame = pd.DataFrame({name: _plain(batch[name]) for name in names})
        rows += len(frame)
        hashes = pd.util.hash_pandas_object(frame, index=False)
        total += int(hashes.to_numpy().sum(dtype=np.uint64))
    return f"{rows}-{total % 2**64:x}"


def _plain(values: Any) -> pd.Series:
    """A column that hashes the same in every batch: lists are joined, whole numbers stay whole."""
    if pa.types.is_list(values.type):
        values = pc.binary_join(values, BETWEEN)
    elif pa.types.is_integer(values.type) or pa.types.is_boolean(values.type):
        values = values.cast(pa.int64()).fill_null(NULL)
    plain: pd.Series = values.to_pandas()
    return plain
