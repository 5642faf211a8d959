"""How fresh a layer is, told from batches and versions alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.batches import MANIFEST, Manifest
from pipeline.freshness import freshness
from pipeline.record import Freshness
from publish.settings import default_url

FIRST = datetime.fromisoformat("2026-11-01T03:00:00+00:00")
HEARD = datetime(2026, 10, 31, 22, 15, 7)  # noqa: DTZ001  Spark writes UTC without saying so


def land(lake: Path, hours: int, *, cursor: str | None = None) -> str:
    """Land a batch of tracks some hours after the first; returns when."""
    moment = (FIRST + timedelta(hours=hours)).isoformat()
    batch = Manifest(
        batch_id=f"b{hours}",
        endpoint="tracks",
        source="",
        source_url="",
        started_at=moment,
        finished_at=moment,
        cursor=cursor,
    )
    folder = lake / "bronze" / batch.place()
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(batch.text())
    pq.write_table(pa.table({"payload": ["{}", "{}"]}), folder / "part-00000.parquet")
    return moment


def build(lake: Path, name: str, hours: int) -> str:
    """Build a version of a table some hours after the first landing; returns when."""
    moment = FIRST + timedelta(hours=hours)
    folder = lake / "versions" / name / f"{moment:%Y%m%dT%H%M%S}-abc"
    folder.mkdir(parents=True)
    listened = pa.array([None, HEARD, HEARD - timedelta(days=1)], pa.timestamp("ns"))
    pq.write_table(
        pa.table({"listened_at": listened}),
        folder / "part-0.parquet",
        use_deprecated_int96_timestamps=True,
    )
    link = lake / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(folder)
    return moment.isoformat()


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    land(tmp_path, 0)
    return tmp_path


def layers(lake: Path) -> dict[str, Freshness]:
    return {str(one.layer): one for one in freshness(lake, default_url(lake))}


def test_a_lake_without_anything_has_no_layers(tmp_path: Path) -> None:
    assert freshness(tmp_path, default_url(tmp_path)) == []


def test_a_layer_holds_what_had_landed_when_it_was_built(lake: Path) -> None:
    written = build(lake, "silver/listen_history", 1)
    later = land(lake, 2)
    build(lake, "gold/fct_listen_history", 3)
    found = layers(lake)
    assert found["bronze"].written_at == found["bronze"].landed_at == later
    assert found["silver"].written_at == written
    assert found["silver"].landed_at == FIRST.isoformat()
    assert found["gold"].landed_at == later


def test_the_newest_listen_is_told_in_utc(lake: Path) -> None:
    build(lake, "gold/fct_listen_history", 1)
    assert layers(lake)["gold"].data_at == f"{HEARD.isoformat()}+00:00"


def test_lists_know_the_newest_listen_of_the_gold_they_were_made_of(lake: Path) -> None:
    build(lake, "gold/fct_listen_history", 1)
    build(lake, "gold/recommendations", 2)
    assert layers(lake)["recommendations"].data_at == layers(lake)["gold"].data_at
    land(lake, 3)
    build(lake, "gold/fct_listen_history", 4)
    found = layers(lake)
    assert found["recommendations"].landed_at == FIRST.isoformat()
    assert found["recommendations"].data_at is None


def test_bronze_knows_its_newest_record_where_news_alone_are_asked_for(lake: Path) -> None:
    assert layers(lake)["bronze"].data_at is None
    land(lake, 1, cursor="2026-10-30T12:00:00+02:00")
    land(lake, 2, cursor="2026-10-30T11:00:00")
    assert layers(lake)["bronze"].data_at == "2026-10-30T11:00:00+00:00"


def test_extents_are_those_of_the_current_versions(lake: Path) -> None:
    build(lake, "silver/listen_history", 1)
    build(lake, "silver/listen_history", 2)
    silver = layers(lake)["silver"]
    assert (silver.tables, silver.rows) == (1, 3)
    [file] = (lake / "silver" / "listen_history").resolve().iterdir()
    assert silver.bytes == file.stat().st_size
