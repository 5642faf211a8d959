"""Builds random sequences of batches, each once in increments and once whole, and compares.

A process of its own, since a process has one Spark session and that has one lake. Prints a line of
JSON per seed: what differs, by table.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

TABLES = ("silver/listen_history_records", "silver/listen_history", "gold/fct_listen_history")
MODELS = ("track_records", "user_records", "track", "users", *(Path(name).name for name in TABLES))
ENDPOINTS = ("tracks", "users", "listen_history")
START = datetime(2026, 1, 1, tzinfo=UTC)
Record = dict[str, Any]


def batches(chance: random.Random, count: int) -> Iterator[dict[str, list[Record]]]:
    """Records by endpoint, batch after batch.

    Among them what makes increments hard: corrections of old events, versions older than what is
    there, the same record again, records without a time, a track or a user, and users and tracks
    that come after their listens.
    """
    events: list[Record] = []
    for number in range(count):
        listens = []
        for _ in range(chance.randint(1, 30)):
            if events and chance.random() < 0.4:
                event = dict(chance.choice(events))
                change = chance.random()
                if change < 0.6:
                    shift = timedelta(hours=chance.choice([-1, 0, 1, 2]))
                    event["updated_at"] = _text(_moment(event["updated_at"]) + shift)
                if change < 0.4:
                    event["items"] = _items(chance)
            else:
                moment = START + timedelta(days=chance.randint(0, 120))
                event = {
                    "user_id": chance.choice([None, *range(1, 9)]),
                    "items": _items(chance),
                    "created_at": chance.choice([_text(moment)] * 9 + [None]),
                    "updated_at": _text(moment),
                }
            events.append(event)
            listens.append(event)
        yield {
            "tracks": [{"id": key, "name": f"track {key}"} for key in _arrivals(number, 9)],
            "users": [{"id": key, "first_name": "A"} for key in _arrivals(number, 8)],
            "listen_history": listens,
        }


def _items(chance: random.Random) -> list[int] | None:
    return chance.choice([None, []]) if chance.random() < 0.1 else chance.choices(range(1, 10), k=3)


def _arrivals(number: int, highest: int) -> list[int]:
    """Two new ones a batch, so that listens are there before their users and tracks."""
    return [key for key in (2 * number + 1, 2 * number + 2) if key <= highest]


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)


def land(lake: Path, number: int, batch: dict[str, list[Record]]) -> None:
    """Write a batch as the loader does."""
    for endpoint, records in batch.items():
        batch_id = f"b{number:03}"
        folder = lake / f"bronze/{endpoint}_raw/ingest_date=2026-06-01/batch={batch_id}"
        folder.mkdir(parents=True)
        count = len(records)
        moment = START + timedelta(days=200, hours=number)
        columns = {
            "payload": [json.dumps(record) for record in records],
            "_batch_id": [batch_id] * count,
            "_page": pa.array([1] * count, pa.int32()),
            "_position": pa.array(range(count), pa.int32()),
            "_source_url": ["http://127.0.0.1/"] * count,
            "_ingested_at": pa.array([moment] * count, pa.timestamp("us", "UTC")),
        }
        pq.write_table(pa.table(columns), folder / "part-0.parquet")


def empty(lake: Path) -> None:
    """Leave nothing landed, but the folders of what may land."""
    shutil.rmtree(lake / "bronze", ignore_errors=True)
    for endpoint in (*(f"{name}_raw" for name in ENDPOINTS), "_rejects"):
        (lake / "bronze" / endpoint).mkdir(parents=True)


def contents(lake: Path, table: str) -> list[str]:
    """The rows of a table, in an order of their own."""
    rows = ds.dataset(lake / table, format="parquet", partitioning="hive").to_table().to_pylist()
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)


def main() -> None:
    """Compare for each seed of the command line."""
    from dbt.cli.main import dbtRunner

    lake = Path(os.environ["MEDLEY_LAKE"])

    def build(*words: str) -> None:
        outcome = dbtRunner().invoke(["--log-level", "none", *words])
        if not outcome.success:
            messages = [str(result.message) for result in getattr(outcome.result, "results", [])]
            raise SystemExit(f"{outcome.exception} {messages}")

    empty(lake)
    build("build", "-s", "+fct_listen_history", "--exclude-resource-type", "test", "unit_test")
    for seed in sys.argv[1:]:
        chance = random.Random(seed)
        empty(lake)
        for number, batch in enumerate(batches(chance, chance.randint(3, 6))):
            land(lake, number, batch)
            if chance.random() < 0.3 and number:
                continue  # two batches in one increment
            build("run", "-s", *MODELS, *(["--full-refresh"] if number == 0 else []))
        build("run", "-s", *MODELS)
        grown = {table: contents(lake, table) for table in TABLES}
        build("run", "-s", *MODELS, "--full-refresh")
        whole = {table: contents(lake, table) for table in TABLES}
        differing = {
            table: sorted(set(grown[table]) ^ set(whole[table]))[:6]
            for table in TABLES
            if grown[table] != whole[table]
        }
        rows = {table: len(whole[table]) for table in TABLES}
        line = json.dumps({"seed": seed, "rows": rows, "differing": differing})
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
