from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests

from ingest import batches
from ingest.errors import IngestError, LakeBusyError
from ingest.service import ingest
from tests.ingest.helpers import left_in_bronze, on, payloads, rows, schemas, settings_for
from tests.ingest.server import Call, record, serving, some

DATA = some(25)
COLUMNS: list[tuple[str, pa.DataType]] = [
    ("payload", pa.string()),
    ("_batch_id", pa.string()),
    ("_page", pa.int32()),
    ("_position", pa.int32()),
    ("_source_url", pa.string()),
    ("_ingested_at", pa.timestamp("us", tz="UTC")),
]


def refuse(call: Call) -> None:
    call.status, call.body = 404, b""


def test_a_batch_lands_where_bronze_expects_it(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    with serving(DATA) as api:
        results = ingest(settings_for(api, tmp_path))
    assert [(r.endpoint, r.status, r.rows, r.rejected, r.pages) for r in results] == [
        (name, "landed", 25, 0, 3) for name in ("tracks", "users", "listen_history")
    ]
    for result in results:
        folder = Path(result.path)
        assert folder.parent.parent == tmp_path / "bronze" / f"{result.endpoint}_raw"
        assert folder.name == f"batch={result.batch_id}"
        names = sorted(path.name for path in folder.iterdir())
        assert names == ["_batch.json", "part-00000.parquet"]
        assert schemas(tmp_path, result.endpoint) == [pa.schema(COLUMNS)]
        assert payloads(tmp_path, result.endpoint) == DATA[result.endpoint]
    row = rows(tmp_path, "tracks")[0]
    assert row["_batch_id"] == results[0].batch_id
    assert before <= row["_ingested_at"] <= before + timedelta(minutes=5)
    assert Path(results[0].path).parent.name == f"ingest_date={row['_ingested_at']:%Y-%m-%d}"
    assert datetime.strptime(results[0].batch_id, "%Y%m%dT%H%M%S%f%z") >= before
    assert not (tmp_path / "bronze" / "_rejects").exists()


def test_the_manifest_tells_the_batch(tmp_path: Path) -> None:
    with serving(DATA) as api:
        (result,) = ingest(settings_for(api, tmp_path), endpoints=["users"], batch_id="night-7")
    manifest = batches.latest(tmp_path, "users")
    assert manifest is not None
    written = json.loads(Path(result.path, "_batch.json").read_text())
    assert written == {key: getattr(manifest, key) for key in manifest.__struct_fields__}
    assert manifest.started_at <= manifest.finished_at
    counts = (manifest.rows, manifest.rejected, manifest.pages, manifest.total)
    assert counts == (25, 0, 3, 25)
    assert (manifest.unchanged, manifest.repeated, manifest.cursor) == (0, 0, None)
    assert (manifest.batch_id, manifest.endpoint) == ("night-7", "users")
    assert manifest.source_url == f"{api.url}/users"


def test_rejects_are_kept_as_sent(tmp_path: Path) -> None:
    odd = ["17", '{"id":null, "name" : "x"}', '{"id": 1, "n": NaN}']
    data = {"tracks": [record(0), *odd, record(4)]}
    with serving(data) as api:
        (result,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert (result.rows, result.rejected) == (2, 3)
    assert [row["_position"] for row in rows(tmp_path, "tracks")] == [0, 4]
    rejected = rows(tmp_path, "tracks", below="bronze/_rejects")
    assert [row["payload"] for row in rejected] == odd
    reasons = ["not_an_object", "missing_id", "invalid_json"]
    assert [row["reason"] for row in rejected] == reasons
    assert {row["endpoint"] for row in rejected} == {"tracks"}
    assert [row["_position"] for row in rejected] == [1, 2, 3]
    expected = pa.schema([*COLUMNS, ("endpoint", pa.string()), ("reason", pa.string())])
    assert schemas(tmp_path, "tracks", below="bronze/_rejects") == [expected]


@pytest.mark.parametrize(("records", "rejected"), [([], 0), (["null", "7"], 2)])
def test_a_batch_without_rows_is_a_batch(tmp_path: Path, records: list[str], rejected: int) -> None:
    with serving({"tracks": records}) as api:
        (first,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        (second,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert (first.status, first.rows, first.rejected) == ("landed", 0, rejected)
    assert second.status == "unchanged"
    assert schemas(tmp_path, "tracks") == [pa.schema(COLUMNS)]
    assert len(rows(tmp_path, "tracks", below="bronze/_rejects")) == rejected


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    """Killed while writing, and killed between its rejects and its rows."""
    bronze = tmp_path / "bronze"
    for left in ("_staging/tracks/old", "_rejects/tracks_raw/ingest_date=2026-01-01/batch=b1"):
        (bronze / left).mkdir(parents=True)
        (bronze / left / "part-00000.parquet").write_bytes(b"PAR1 half")
    with serving({"tracks": [record(1), "null"]}) as api:
        (result,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"], batch_id="b1")
    assert result.status == "landed"
    assert [row["payload"] for row in rows(tmp_path, "tracks", below="bronze/_rejects")] == ["null"]
    names = ["_batch.json", "part-00000.parquet", "part-00000.parquet"]
    assert left_in_bronze(tmp_path) == names
    assert not [path for path in (bronze / "_staging" / "tracks").rglob("*") if path.is_file()]


def test_a_failing_endpoint_leaves_the_others_their_batches(tmp_path: Path) -> None:
    with serving(DATA, fault=on("users", 3, refuse)) as api, pytest.raises(IngestError) as caught:
        ingest(settings_for(api, tmp_path))
    assert set(caught.value.failures) == {"users"}
    assert "users: GET " in str(caught.value)
    assert "404" in str(caught.value)
    assert len(caught.value.results) == 2
    assert [len(rows(tmp_path, name)) for name in DATA] == [25, 0, 25]
    assert batches.visible(tmp_path, "users") == []
    assert batches.latest(tmp_path, "users") is None


def test_nothing_is_visible_before_all_is_read(tmp_path: Path) -> None:
    seen: list[list[Path]] = []

    def look(call: Call) -> None:
        found = [*(tmp_path / "bronze").glob("tracks_raw/**/*.parquet")]
        seen.append([*found, *(tmp_path / "bronze").glob("_rejects/**/*.parquet")])

    with serving({"tracks": [*DATA["tracks"], "null"]}, fault=look) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert seen == [[]] * 4
    assert len(left_in_bronze(tmp_path)) == 3


def test_two_at_once_do_not_mix(tmp_path: Path) -> None:
    refused: list[IngestError] = []

    def second(call: Call) -> None:
        with pytest.raises(IngestError, match="another ingest of tracks") as caught:
            ingest(settings_for(api, tmp_path), endpoints=["tracks", "users"])
        refused.append(caught.value)

    with serving(DATA, fault=on("tracks", 2, second, times=1)) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    (error,) = refused
    assert isinstance(error.failures["tracks"], LakeBusyError)
    assert [len(rows(tmp_path, name)) for name in DATA] == [25, 25, 0]


def test_a_lake_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "bronze").write_text("a file")
    with serving(DATA) as api, pytest.raises(IngestError, match="bronze"):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])


def test_many_rows_make_parts(tmp_path: Path) -> None:
    many = some(50_050)
    with serving(many) as api:
        settings = settings_for(api, tmp_path, page_size=1000)
        (result,) = ingest(settings, endpoints=["tracks"])
    files = [pq.ParquetFile(file) for file in sorted(Path(result.path).glob("*.parquet"))]
    assert [file.metadata.num_rows for file in files] == [50_000, 50]
    assert [Path(result.path, f"part-0000{n}.parquet").exists() for n in range(3)] == [
        True, True, False]  # fmt: skip
    assert files[0].metadata.row_group(0).column(0).compression == "ZSTD"
    assert payloads(tmp_path, "tracks") == many["tracks"]


def test_an_injected_session_is_used_and_left_open(tmp_path: Path) -> None:
    with serving(DATA) as api, requests.Session() as session:
        session.auth = ("me", "theirs")
        ingest(settings_for(api, tmp_path), endpoints=["tracks"], session=session)
        assert session.get(f"{api.url}/tracks?page=1&size=10", timeout=5).ok
    assert api.authorizations == {"Basic bWU6dGhlaXJz"}


def test_an_injected_session_goes_without_the_token_of_the_settings(tmp_path: Path) -> None:
    with serving(DATA) as api, requests.Session() as session:
        settings = settings_for(api, tmp_path, token="ours")
        ingest(settings, endpoints=["tracks"], session=session)
    assert api.authorizations == {None}
