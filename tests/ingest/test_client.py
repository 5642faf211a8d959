from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from ingest.errors import ApiError, ApiUnavailableError, IngestError, MalformedPageError
from ingest.service import ingest
from tests.ingest.helpers import left_in_bronze, on, payloads, settings_for
from tests.ingest.server import Call, Fault, serving, some

DATA = some(25)


def status(code: int, **headers: str) -> Fault:
    def fault(call: Call) -> None:
        call.status, call.body = code, b'{"detail": "no"}'
        call.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    return fault


def cut_by_length(call: Call) -> None:
    call.body, call.declared_length = b'{"items": [', 500


def cut_by_chunks(call: Call) -> None:
    call.headers = {"Transfer-Encoding": "chunked", "Connection": "close"}
    call.body = b'1f4\r\n{"items": ['
    call.handler.close_connection = True


def cut_without_length(call: Call) -> None:
    call.body = b'{"items": [{"id": 1}, {"id"'


def dropped(call: Call) -> None:
    call.handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "fault",
    [status(500), status(503), status(429), cut_by_length, cut_by_chunks, cut_without_length,
     dropped],
)  # fmt: skip
def test_a_passing_fault_is_tried_again(tmp_path: Path, fault: Fault) -> None:
    with serving(DATA, fault=on("tracks", 2, fault, times=2)) as api:
        (result,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert result.retries == 2
    assert payloads(tmp_path, "tracks") == DATA["tracks"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (status(503), "503"),
        (cut_by_length, "IncompleteRead"),
        (cut_by_chunks, "IncompleteRead"),
        (dropped, "closed connection"),
    ],
)
def test_a_lasting_fault_is_told(tmp_path: Path, fault: Fault, told: str) -> None:
    with (
        serving(DATA, fault=on("tracks", 2, fault)) as api,
        pytest.raises(IngestError, match=f"{told}.*gave up after attempt 3") as caught,
    ):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert isinstance(caught.value.__cause__, ApiUnavailableError)
    assert api.asked.count(("tracks", 2)) == 3
    assert left_in_bronze(tmp_path) == []


def test_lasting_nonsense_is_a_malformed_page(tmp_path: Path) -> None:
    with (
        serving(DATA, fault=on("tracks", 3, cut_without_length)) as api,
        pytest.raises(IngestError) as caught,
    ):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert type(caught.value.__cause__) is MalformedPageError


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422, 204, 304])
def test_a_refusal_is_told_at_once(tmp_path: Path, code: int) -> None:
    with (
        serving(DATA, fault=on("tracks", 1, status(code))) as api,
        pytest.raises(IngestError, match=rf"tracks\?page=1&size=10 answered {code}") as caught,
    ):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert type(caught.value.__cause__) is ApiError
    assert api.asked == [("tracks", 1)]


def test_retry_after_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fault = on("tracks", 1, status(429, Retry_After="1"), times=1)
    with serving(DATA, fault=fault) as api, caplog.at_level(logging.WARNING, "ingest"):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    (record,) = caplog.records
    assert record.__dict__["medley.wait_seconds"] == 1.0
    assert record.__dict__["event.dataset"] == "ingest"


@pytest.mark.parametrize(
    "header",
    ["3600", " 3600 ", "in an hour, as a date", "9" * 400],
)
def test_a_retry_after_of_an_hour_is_not_sat_out(tmp_path: Path, header: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=3601), usegmt=True)
    told = date if "date" in header else header
    with (
        serving(DATA, fault=on("tracks", 1, status(503, Retry_After=told))) as api,
        pytest.raises(IngestError, match=r"asks to wait (360[01]|inf) s"),
    ):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert api.asked == [("tracks", 1)]


@pytest.mark.parametrize(
    ("header", "waits"),
    [("0", True), ("Mon, 23 Nov 2020 15:00:30 GMT", True),
     ("Mon, 23 Nov 2020 15:00:30 -0000", True), ("soon", False), ("-5", False), ("", False)],
)  # fmt: skip
def test_a_retry_after_that_asks_for_no_wait_causes_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, header: str, waits: bool
) -> None:
    fault = on("tracks", 1, status(429, Retry_After=header), times=1)
    with serving(DATA, fault=fault) as api, caplog.at_level(logging.WARNING, "ingest"):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    (record,) = caplog.records
    assert (record.__dict__["medley.wait_seconds"] == 0) == waits
    assert record.__dict__["medley.wait_seconds"] < 1
    assert ("asks to wait 0 s" in record.getMessage()) == waits


def test_nobody_listening_is_told(tmp_path: Path) -> None:
    with serving(DATA) as api:
        pass
    with pytest.raises(IngestError, match="Connection refused"):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])


def test_no_redirect_is_followed(tmp_path: Path) -> None:
    with serving(DATA) as other:
        fault = status(302, Location=f"{other.url}/tracks?page=1&size=10")
        with (
            serving(DATA, fault=on("tracks", 1, fault)) as api,
            pytest.raises(IngestError, match="redirects, which is not followed"),
        ):
            ingest(settings_for(api, tmp_path), endpoints=["tracks"])
        assert other.asked == []


def refused_loudly(call: Call) -> None:
    call.status, call.body = 401, str(call.handler.headers["Authorization"]).encode()


@pytest.mark.parametrize(
    "fault", [status(503), refused_loudly, dropped, cut_without_length, status(302, Location="/")]
)
def test_the_token_is_sent_and_never_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(DATA, fault=on("users", 2, fault)) as api:
        settings = settings_for(api, tmp_path, token="hush-hush")
        with pytest.raises(IngestError) as caught:
            ingest(settings, endpoints=["tracks", "users"])
    assert api.authorizations == {"Bearer hush-hush"}
    told = [repr(settings), str(caught.value), repr(caught.value.__cause__), caplog.text]
    told += [str(record.__dict__) for record in caplog.records]
    assert len(caplog.records) > 2
    assert not [text for text in told if "hush-hush" in text]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"hush-hush" in path.read_bytes()]
