"""What the tests of the loader share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.settings import IngestSettings
from tests.ingest.server import Api, Call, Fault


def settings_for(api: Api, lake: Path, **more: Any) -> IngestSettings:
    given = {"page_size": 10, "backoff_seconds": 0.001, "timeout_seconds": 5.0, "max_attempts": 3}
    return IngestSettings(api_url=api.url, lake=lake, **{**given, **more})


def on(endpoint: str, page: int, fault: Fault, *, times: int = 99) -> Fault:
    """Limit a fault to the first `times` requests of one page."""

    def limited(call: Call) -> None:
        if (call.endpoint, call.page) == (endpoint, page) and call.seen < times:
            fault(call)

    return limited


def rows(lake: Path, endpoint: str, *, below: str = "bronze") -> list[dict[str, Any]]:
    """Every visible row, in the order of the files."""
    files = sorted((lake / below / f"{endpoint}_raw").glob("ingest_date=*/batch=*/*.parquet"))
    tables = [pq.ParquetFile(file).read() for file in files]
    return [row for table in tables for row in table.to_pylist()]


def schemas(lake: Path, endpoint: str, *, below: str = "bronze") -> list[pa.Schema]:
    files = (lake / below / f"{endpoint}_raw").glob("ingest_date=*/batch=*/*.parquet")
    return [pq.read_schema(file) for file in sorted(files)]


def payloads(lake: Path, endpoint: str) -> list[str]:
    return [row["payload"] for row in rows(lake, endpoint)]


def left_in_bronze(lake: Path) -> list[str]:
    """Every file of bronze but the locks."""
    files = (path for path in (lake / "bronze").rglob("*") if path.is_file())
    return sorted(path.name for path in files if path.suffix != ".lock")
