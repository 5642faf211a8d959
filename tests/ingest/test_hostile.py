"""A server that does all wrong: the loader recovers, or says what is wrong, and never hangs."""

from __future__ import annotations

import gzip
import time
import zlib
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.service import ingest
from tests.ingest.helpers import left_in_bronze, on, payloads, settings_for
from tests.ingest.server import Call, Fault, serving, some
from tests.ingest.test_client import cut_by_chunks, cut_by_length, dropped, status

DATA = some(25)
GZIP = {"Content-Encoding": "gzip"}


def body_of(call: Call) -> bytes:
    envelope = f'"total": {call.envelope["total"]}, "page": {call.page}, "size": 10, "pages": 3'
    return f'{{"items": [{", ".join(call.items)}], {envelope}}}'.encode()


def sends(data: bytes) -> Fault:
    """Send bytes that need not be HTTP, and hang up."""

    def fault(call: Call) -> None:
        call.handler.wfile.write(data)
        raise ConnectionResetError

    return fault


def cut_in_gzip(call: Call) -> None:
    call.body, call.headers = gzip.compress(body_of(call))[:-20], GZIP


def no_gzip_at_all(call: Call) -> None:
    call.body, call.headers = body_of(call), GZIP


def cut_in_a_chunk_of_gzip(call: Call) -> None:
    data = gzip.compress(body_of(call))
    call.headers = {**GZIP, "Transfer-Encoding": "chunked", "Connection": "close"}
    call.body = b"%x\r\n%s\r\n5\r\nab" % (len(data) - 9, data[:-9])
    call.handler.close_connection = True


def empty(call: Call) -> None:
    call.body = b""


def html(call: Call) -> None:
    call.body, call.headers = b"<html>Down for maintenance</html>", {"Content-Type": "text/html"}


def stalls_before_headers(call: Call) -> None:
    time.sleep(0.5)


def stalls_in_the_body(call: Call) -> None:
    body = body_of(call)
    call.handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
    call.handler.wfile.write(body[:50])
    time.sleep(0.5)
    sends(body[50:])(call)


def drips(head: bytes, piece: bytes, tail: bytes = b"") -> Fault:
    """Send piece after piece for 2 s, and then the rest of a good answer."""

    def fault(call: Call) -> None:
        call.handler.wfile.write(head)
        for _ in range(60):
            call.handler.wfile.write(piece)
            time.sleep(0.03)
        body = body_of(call)
        sends(tail + b"Content-Length: %d\r\n\r\n%s" % (len(body), body) if tail else body)(call)

    return fault


FAULTS = {
    "no_retry_after": (status(429), "answered 429"),
    "retry_after": (status(429, Retry_After="0"), "answered 429 and asks to wait 0 s"),
    "internal": (status(500), "answered 500"),
    "bad_gateway": (status(502, Retry_After="soon"), "answered 502"),
    "maintenance": (html, "no page of JSON"),
    "empty": (empty, "ends too early"),
    "cut_by_length": (cut_by_length, "IncompleteRead"),
    "cut_by_chunks": (cut_by_chunks, "IncompleteRead"),
    "cut_in_gzip": (cut_in_gzip, "IncompleteRead"),
    "cut_in_a_chunk_of_gzip": (cut_in_a_chunk_of_gzip, "IncompleteRead"),
    "no_gzip_at_all": (no_gzip_at_all, "incorrect header check"),
    "dropped": (dropped, "closed connection"),
    "no_http": (sends(b"SSH-2.0-OpenSSH_9.2\r\n"), "SSH-2.0"),
    "half_a_status": (sends(b"HTTP/1.1 2"), "failed"),
    "no_status": (sends(b"HTTP/1.1 OK fine\r\n\r\n"), "failed"),
    "many_headers": (sends(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200), "more than 100 headers"),
    "long_header": (sends(b"HTTP/1.1 200 OK\r\nX: " + b"1" * 70_000), "header line"),
    "endless_length": (
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"),
        "ends too early",
    ),
    "no_chunk": (sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "failed"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_passes_costs_no_record(tmp_path: Path, name: str) -> None:
    with serving(DATA, fault=on("tracks", 2, FAULTS[name][0], times=2)) as api:
        (result,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert (result.retries, result.rows) == (2, 25)
    assert payloads(tmp_path, "tracks") == DATA["tracks"]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_stays_is_told_with_the_address(tmp_path: Path, name: str) -> None:
    fault, told = FAULTS[name]
    with (
        serving(DATA, fault=on("tracks", 2, fault)) as api,
        pytest.raises(IngestError, match=rf"/tracks\?page=2.*{told}.*gave up after attempt 3"),
    ):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert api.asked.count(("tracks", 2)) == 3
    assert left_in_bronze(tmp_path) == []


OK = b"HTTP/1.1 200 OK\r\n"
SLOW = {
    "stalls_before_headers": stalls_before_headers,
    "stalls_in_the_body": stalls_in_the_body,
    "drips_its_body": drips(OK + b"\r\n", b" "),
    "drips_a_header": drips(OK + b"X: ", b"x", b"\r\n"),
    "drips_its_status": drips(b"HTTP/1.1 200 O", b"K", b"\r\n"),
    "goes_on_with_100": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n", OK),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_server_without_haste_is_a_timeout(tmp_path: Path, name: str) -> None:
    with serving(DATA, fault=on("tracks", 1, SLOW[name])) as api:
        settings = settings_for(api, tmp_path, timeout_seconds=0.1, max_attempts=1)
        with pytest.raises(IngestError, match=r"/tracks\?page=1.* timed out \(limit 0.1 s\)"):
            ingest(settings, endpoints=["tracks"])


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_takes_the_token_elsewhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    with serving(DATA) as other:
        elsewhere = status(code, Location=f"{other.url}/tracks?page=2&size=10")
        with (
            serving(DATA, fault=on("tracks", 2, elsewhere)) as api,
            pytest.raises(IngestError, match="redirects, which is not followed") as caught,
        ):
            ingest(settings_for(api, tmp_path, token="hush-hush"), endpoints=["tracks"])
    assert (other.asked, api.asked.count(("tracks", 2))) == ([], 1)
    assert "hush" not in f"{caught.value!r} {caught.value.__cause__!r} {caplog.text}"


@pytest.mark.parametrize("encoding", ["identity", "GZIP"])
def test_an_encoding_by_another_name_is_understood(tmp_path: Path, encoding: str) -> None:
    def encoded(call: Call) -> None:
        plain = body_of(call)
        call.body = plain if encoding == "identity" else gzip.compress(plain)
        call.headers = {"Content-Encoding": encoding}

    with serving(DATA, fault=on("tracks", 2, encoded)) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert payloads(tmp_path, "tracks") == DATA["tracks"]


def test_an_encoding_nobody_asked_for_is_told(tmp_path: Path) -> None:
    def deflated(call: Call) -> None:
        call.body, call.headers = zlib.compress(body_of(call)), {"Content-Encoding": "deflate"}

    with (
        serving(DATA, fault=on("tracks", 2, deflated)) as api,
        pytest.raises(IngestError, match="encoding that was not asked for"),
    ):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
