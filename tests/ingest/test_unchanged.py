from __future__ import annotations

from pathlib import Path

import pytest

from ingest import batches
from ingest.errors import SettingsError
from ingest.service import ingest
from tests.ingest.helpers import left_in_bronze, payloads, rejects, rows, settings_for
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


def test_only_what_is_new_lands(tmp_path: Path) -> None:
    data = {"tracks": list(DATA["tracks"])}
    with serving(data) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        data["tracks"][3] = changed = record(3).replace(":", " :", 1)
        data["tracks"].append(record(25))
        (second,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        assert (second.status, second.rows, second.pages) == ("landed", 2, 3)
        assert payloads(tmp_path, "tracks") == [*DATA["tracks"], changed, record(25)]
        data["tracks"][3] = record(3)
        (third,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert (third.status, third.rows) == ("landed", 1), "what it held two readings ago is news"
    manifest = batches.latest(tmp_path, "tracks")
    assert manifest is not None
    counts = (manifest.rows, manifest.unchanged, manifest.repeated, manifest.total, manifest.pages)
    assert counts == (1, 25, 0, 26, 3)


def test_what_is_gone_is_no_news_and_known_no_more(tmp_path: Path) -> None:
    data = {"tracks": [record(1), record(2), record(3), record(4)]}
    with serving(data) as api:
        settings = settings_for(api, tmp_path, max_shrinkage=0.5)
        ingest(settings, endpoints=["tracks"])
        gone = data["tracks"].pop(0)
        (second,) = ingest(settings, endpoints=["tracks"])
        assert second.status == "unchanged"
        data["tracks"].append(gone)
        (third,) = ingest(settings, endpoints=["tracks"])
    assert (third.status, third.rows) == ("landed", 1)


def test_what_is_gone_is_known_no_more_when_another_took_its_place(tmp_path: Path) -> None:
    data = {"tracks": [record(1), record(2), record(3)]}
    with serving(data) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        data["tracks"][0] = record(2)
        (second,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        assert second.status == "unchanged", "a record more of what is known already"
        data["tracks"][0] = record(1)
        (third,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert (third.status, third.rows) == ("landed", 1)


@pytest.mark.parametrize("page_size", [10, 2])
def test_the_same_record_twice_lands_once(tmp_path: Path, page_size: int) -> None:
    twice = [record(1), record(2), record(1), "null", "null", record(2), record(3)]
    with serving({"tracks": twice}) as api:
        settings = settings_for(api, tmp_path, page_size=page_size)
        (result,) = ingest(settings, endpoints=["tracks"])
    assert (result.rows, result.rejected) == (3, 1)
    assert payloads(tmp_path, "tracks") == [record(1), record(2), record(3)]
    manifest = batches.latest(tmp_path, "tracks")
    assert manifest is not None
    assert (manifest.repeated, manifest.total) == (3, 7)


def test_two_contents_of_one_version_are_a_reject(tmp_path: Path) -> None:
    stamp = '"updated_at": "2026-01-01T00:00:00"'
    first, second = (f'{{"id": 1, "name": "{name}", {stamp}}}' for name in "ab")
    other = '{"id": "1", "updated_at": "2026-01-01T00:00:00"}'
    with serving({"tracks": [first, second, other]}) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert payloads(tmp_path, "tracks") == [first, other]
    assert rejects(tmp_path, "tracks") == [(second, "conflicting_version")]


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
        day = Path(old.path).parent
        day.rename(day.with_name("ingest_date=2020-01-01"))
        data["tracks"] = [record(2)]
        (new,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    latest = batches.latest(tmp_path, "tracks")
    assert latest is not None
    assert latest.batch_id == new.batch_id
    ids = [manifest.batch_id for manifest in batches.visible(tmp_path, "tracks")]
    assert ids == [old.batch_id, new.batch_id]
