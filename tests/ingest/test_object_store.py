"""The lake as a URI: on a disk, and on an object store that speaks S3 over HTTP."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import requests
from moto.server import ThreadedMotoServer
from pyarrow import fs

import ingest.stage
from ingest import batches
from ingest.errors import BatchRefusedError, IngestError, SettingsError
from ingest.service import ingest as load
from tests.ingest.helpers import on, settings_for
from tests.ingest.server import Call, record, serving, some

DATA = some(25)
KEY = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an object store."""
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    yield "{}:{}".format(*moto.get_host_and_port())
    moto.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The URI of a lake in a bucket of its own."""
    for name, value in KEY.items():
        monkeypatch.setenv(name, value)
    name = re.sub("[^a-z0-9]+", "-", request.node.name)[:60].strip("-")
    requests.put(f"http://{server}/{name}", timeout=10).raise_for_status()
    return f"s3://{name}/lake?endpoint_override={server}&scheme=http&region=us-east-1"


@pytest.fixture(params=["file", "s3"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return (tmp_path / "a lake").as_uri()
    uri: str = request.getfixturevalue("bucket")
    return uri


def found(lake: str, below: str = "") -> list[str]:
    """The names of the files below a folder of bronze."""
    system, root = fs.FileSystem.from_uri(lake)
    place = f"{root}/bronze/{below}"
    files = system.get_file_info(fs.FileSelector(place, recursive=True, allow_not_found=True))
    return sorted(info.path[len(place) :].lstrip("/") for info in files if info.is_file)


def column(lake: str, name: str, below: str = "tracks_raw") -> list[str]:
    system, root = fs.FileSystem.from_uri(lake)
    values: list[Any] = []
    for file in found(lake, below):
        if file.endswith(".parquet"):
            with system.open_input_file(f"{root}/bronze/{below}/{file}") as opened:
                values += pq.ParquetFile(opened).read()[name].to_pylist()
    return values


def test_only_what_is_new_lands(lake: str) -> None:
    data = {"tracks": [*DATA["tracks"], "null"]}
    with serving(data) as api:
        settings = settings_for(api, lake)
        (first,) = load(settings, endpoints=["tracks"], batch_id="b1")
        assert (first.status, first.rows, first.rejected) == ("landed", 25, 1)
        (second,) = load(settings, endpoints=["tracks"])
        assert (second.status, second.batch_id) == ("unchanged", "b1")
        data["tracks"][3] = changed = record(3).replace(":", " :")
        data["tracks"].append("17")
        (third,) = load(settings, endpoints=["tracks"], batch_id="b3")
        assert (third.status, third.rows, third.rejected) == ("landed", 1, 1)
        asked = len(api.asked)
        (again,) = load(settings, endpoints=["tracks"], batch_id="b3")
        assert (again.status, len(api.asked)) == ("unchanged", asked)
    assert column(lake, "payload") == [*DATA["tracks"], changed]
    assert column(lake, "reason", "_rejects/tracks_raw") == ["not_an_object"] * 2
    assert column(lake, "payload", "_rejects/tracks_raw") == ["null", "17"]
    assert [batch.batch_id for batch in batches.visible(lake, "tracks")] == ["b1", "b3"]
    files = [name.partition("/batch=")[2] for name in found(lake, "tracks_raw")]
    kinds = ("_batch.json", "part-00000.parquet")
    assert files == [f"{batch}/{name}" for batch in ("b1", "b3") for name in kinds]
    assert [name for name in found(lake, "_staging") if not name.endswith(".lock")] == []
    assert found(lake, "_state/tracks") == ["b3.u64"]


def test_what_is_refused_is_kept_aside(lake: str) -> None:
    data = {"tracks": list(DATA["tracks"])}
    with serving(data) as api:
        settings = settings_for(api, lake, gate=True)
        load(settings, endpoints=["tracks"])
        for number in range(2):
            nameless = [f'{{"name": "nobody {number}.{n}"}}' for n in range(25)]
            data["tracks"] = [record(99), *nameless]
            with pytest.raises(IngestError, match="share_of_missing_id is 96%") as caught:
                load(settings, endpoints=["tracks"])
            assert type(caught.value.__cause__) is BatchRefusedError
            assert column(lake, "payload", "_refused/tracks_raw") == [record(99)]
            assert column(lake, "payload", "_refused/_rejects/tracks_raw") == nameless
    assert column(lake, "payload") == DATA["tracks"]
    assert len(found(lake, "_checks/tracks")) == 3


def test_a_failed_reading_goes_on(lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.stage, "PART_ROWS", 20)

    def fail(call: Call) -> None:
        call.status = 500

    records = [record(number) for number in range(95)]
    with serving({"tracks": [*records, "null"]}, fault=on("tracks", 7, fail)) as api:
        settings = settings_for(api, lake, workers=1)
        with pytest.raises(IngestError, match="500"):
            load(settings, endpoints=["tracks"])
        assert (column(lake, "payload"), found(lake, "tracks_raw")) == ([], [])
        assert batches.latest(lake, "tracks") is None
        api.fault = None
        api.asked.clear()
        (result,) = load(settings, endpoints=["tracks"])
    assert sorted({page for _, page in api.asked}) == [1, 7, 8, 9, 10], "1 to compare it"
    assert (result.rows, result.rejected, result.pages) == (95, 1, 10)
    assert column(lake, "payload") == records


def test_the_rows_of_a_batch_are_one_object_which_comes_last(
    bucket: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ingest.stage, "PART_ROWS", 10)
    caplog.set_level(logging.INFO, "werkzeug")
    with serving({"tracks": [*DATA["tracks"], "null"]}) as api:
        load(settings_for(api, bucket), endpoints=["tracks"])
    written = re.findall(r'"(?:PUT|POST) /[^/]+/lake/bronze/([^? ]+)', caplog.text)
    places = [name.split("/") for name in written if "tracks_raw/" in name]
    assert [(place[0], place[-1]) for place in places] == [
        ("_rejects", "part-00000.parquet"),
        ("tracks_raw", "_batch.json"),
        ("tracks_raw", "part-00000.parquet"),
    ]
    assert column(bucket, "payload") == DATA["tracks"]


def test_a_lake_that_cannot_be_written_is_told_without_its_credentials(bucket: str) -> None:
    uri = re.sub("//[^/]+", "//AKIA:hush-hush@nowhere", bucket)
    with serving(DATA) as api, pytest.raises(IngestError) as caught:
        load(settings_for(api, uri), endpoints=["tracks"])
    assert "nowhere" in str(caught.value)
    assert "hush-hush" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    "uri",
    [
        "s3://AKIA:hush-hush@bucket/lake?nonsense=1",
        "s3://AKIA:hush-hush@/lake",
        "s3://AKIA:hush-hush@bucket/lake?scheme=zz&region=x",
        "s3://AKIA:hush/hush-hush@bucket/lake",
        "s3://AKIA:x@hush-hush@bucket/lake",
        "s3://AKIA:hush-hush and@bucket/lake",
        "s3://bucket/lake?access_key=AKIA&secret_key=hush-hush",
        "nonsense://AKIA:hush-hush@bucket/lake",
    ],
)
def test_credentials_in_a_wrong_uri_are_not_told(uri: str) -> None:
    with serving(DATA) as api, pytest.raises(SettingsError, match="lake") as caught:
        load(settings_for(api, uri))
    assert "hush-hush" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert api.asked == []
