"""Builds of a table as folders: what they hold, and what one takes over from another."""

from __future__ import annotations

import os
from pathlib import Path

from dbt.adapters.sparksession import versions


def file(root: Path, path: str, *, written: float = 0.0) -> Path:
    made = root / path
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_bytes(path.encode())
    os.utime(made, (written, written))
    return made


def test_partitions_are_as_new_as_their_newest_file(tmp_path: Path) -> None:
    file(tmp_path, "month=a/part-0.parquet", written=10)
    file(tmp_path, "month=a/part-1.parquet", written=30.5)
    file(tmp_path, "month=b/part-0.parquet", written=20)
    file(tmp_path, "month=b/.part-0.parquet.crc", written=99)
    file(tmp_path, "_SUCCESS", written=99)
    assert versions.partitions_written(str(tmp_path)) == {"month=a": 30.5, "month=b": 20.0}


def test_a_folder_that_is_not_there_has_no_partitions(tmp_path: Path) -> None:
    assert versions.partitions_written(str(tmp_path / "nowhere")) == {}


def test_what_is_carried_over_is_the_same_file_with_its_time(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    kept = file(old, "month=a/part-0.parquet", written=10)
    file(old, "month=b/part-0.parquet")
    file(old, "_SUCCESS")
    file(new, "month=b/part-9.parquet")
    versions.carry_over(str(old), str(new), except_for={"month=b"})
    held = sorted(str(path.relative_to(new)) for path in new.rglob("*") if path.is_file())
    assert held == ["month=a/part-0.parquet", "month=b/part-9.parquet"]
    assert (new / "month=a" / "part-0.parquet").samefile(kept)
