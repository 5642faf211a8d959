"""A second batch for the lake: corrections, repetitions, late and new listens, found orphans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

BATCH_ID = "29991231T000000Z-second"
FEW = 20

Record = dict[str, Any]


@contextmanager
def landed(lake: Path) -> Iterator[None]:
    """Land the second batch in the bronze of `lake`, and take it away again afterwards."""
    files = []
    for endpoint, records in _records(lake).items():
        folder = lake / f"bronze/{endpoint}_raw/ingest_date=2999-12-31/batch={BATCH_ID}"
        folder.mkdir(parents=True, exist_ok=True)
        files.append(folder / "part-0.parquet")
        pq.write_table(_as_landed(lake, endpoint, records), files[-1])
    try:
        yield
    finally:
        for file in files:
            file.unlink()
            file.parent.rmdir()
            file.parent.parent.rmdir()


def _records(lake: Path) -> dict[str, list[Record]]:
    tracks, users, listens = (
        [record for record in _payloads(lake, endpoint) if isinstance(record.get(key), int | str)]
        for endpoint, key in (("tracks", "id"), ("users", "id"), ("listen_history", "user_id"))
    )
    timed = [listen for listen in listens if listen.get("items") and _moment(listen)]
    heard = {item for listen in timed for item in listen["items"] if item is not None}
    found_tracks = sorted(heard - {track["id"] for track in tracks}, key=str)[:FEW]
    found_users = sorted(
        {listen["user_id"] for listen in timed} - {user["id"] for user in users}, key=str
    )[:FEW]
    return {
        "tracks": [{"id": found, "name": "Found"} for found in found_tracks],
        "users": [{"id": found, "first_name": "Found"} for found in found_users],
        "listen_history": [
            *(_corrected(listen) for listen in timed[:FEW]),
            *timed[FEW : 2 * FEW],
            *(_moved(listen, days=-90) for listen in timed[2 * FEW : 3 * FEW]),
            *(_moved(listen, days=900) for listen in timed[3 * FEW : 4 * FEW]),
        ],
    }


def _payloads(lake: Path, endpoint: str) -> list[Record]:
    landed = ds.dataset(lake / f"bronze/{endpoint}_raw", format="parquet", partitioning=None)
    payloads = landed.to_table(["payload"])["payload"].to_pylist()
    return [json.loads(text) for text in payloads if text]


def _moment(listen: Record) -> datetime | None:
    try:
        moment = datetime.fromisoformat(listen["created_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo is None else None


def _corrected(listen: Record) -> Record:
    return listen | {"items": listen["items"][:1], "updated_at": "2027-06-01T00:00:00"}


def _moved(listen: Record, *, days: int) -> Record:
    moment = datetime.fromisoformat(listen["created_at"]) + timedelta(days=days)
    return listen | {"created_at": moment.isoformat(), "updated_at": moment.isoformat()}


def _as_landed(lake: Path, endpoint: str, records: list[Record]) -> pa.Table:
    folder = lake / f"bronze/{endpoint}_raw"
    schema = ds.dataset(folder, format="parquet", partitioning=None).schema
    rows = [
        {
            "payload": json.dumps(record),
            "_batch_id": BATCH_ID,
            "_page": 1,
            "_position": position,
            "_source_url": "second",
            "_ingested_at": datetime.fromisoformat("2027-07-01T00:00:00+00:00"),
        }
        for position, record in enumerate(records)
    ]
    return pa.Table.from_pylist(rows, schema=schema)
