from __future__ import annotations

from pathlib import Path

import pytest

from ingest import batches
from ingest.errors import SettingsError
from ingest.service import ingest
from tests.ingest.helpers import left_in_bronze, payloads, rows, settings_for
from tests.ingest.server import record, serving, some

DATA = some(25)


def test_unchanged_records_land_once_in_whatever_order(tmp_path: Path) -> None:
    data = {"tracks": list(DATA["tracks"])}
    with serving(data) as api:
        (first,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        data["tracks"].reverse()
        (second,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        assert (second.status, second.path) == ("unchanged", first.path)
        assert (second.batch_id, second.rows) == (first.batch_id, 25)
        assert len(batches.visible(tmp_path, "tracks")) == 1
        (forced,) = ingest(settings_for(api, tmp_path, full=True), endpoints=["tracks"])
        assert forced.status == "landed"
    assert [m.batch_id for m in batches.visible(tmp_path, "tracks")] == [
        first.batch_id,
        forced.batch_id,
    ]
    assert batches.latest(tmp_path, "tracks") == batches.visible(tmp_path, "tracks")[-1]
    assert sorted(left_in_bronze(tmp_path)) == ["_batch.json"] * 2 + ["part-00000.parquet"] * 2


@pytest.mark.parametrize("change", ["updated", "duplicated"])
def test_changed_records_land_again(tmp_path: Path, change: str) -> None:
    data = {"tracks": [record(1), record(2), record(2)]}
    with serving(data) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        spaced = record(1).replace(":", " :", 1)
        data["tracks"][0] = spaced if change == "updated" else record(2)
        (second,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        assert second.status == "landed"
        data["tracks"][0] = record(1)
        (third,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert third.status == "landed", "what it held two batches ago is a change"


def test_a_batch_id_lands_once(tmp_path: Path) -> None:
    data = {"tracks": [record(1), "null"]}
    with serving(data) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"], batch_id="b1")
        day = next((tmp_path / "bronze" / "tracks_raw").iterdir())
        day.rename(day.with_name("ingest_date=2020-01-01"))
        data["tracks"] = [record(3)]
        asked = len(api.asked)
        settings = settings_for(api, tmp_path, full=True)
        (again,) = ingest(settings, endpoints=["tracks"], batch_id="b1")
        assert (again.status, again.rows, len(api.asked)) == ("unchanged", 1, asked)
    assert payloads(tmp_path, "tracks") == [record(1)]
    assert len(rows(tmp_path, "tracks", below="bronze/_rejects")) == 1


@pytest.mark.parametrize("batch_id", ["../x", "a/b", "a b", "_x", ".x", "*", "x" * 129])
def test_a_batch_id_that_is_no_folder_name_is_refused(tmp_path: Path, batch_id: str) -> None:
    with serving(DATA) as api, pytest.raises(SettingsError, match="batch id"):
        ingest(settings_for(api, tmp_path), batch_id=batch_id)
    assert api.asked == []


def test_the_latest_batch_is_that_of_the_newest_day(tmp_path: Path) -> None:
    data = {"tracks": [record(1)]}
    with serving(data) as api:
        (old,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        old.path.parent.rename(old.path.parent.with_name("ingest_date=2020-01-01"))
        data["tracks"] = [record(2)]
        (new,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    latest = batches.latest(tmp_path, "tracks")
    assert latest is not None
    assert latest.batch_id == new.batch_id
    ids = [manifest.batch_id for manifest in batches.visible(tmp_path, "tracks")]
    assert ids == [old.batch_id, new.batch_id]
