"""Many connections in one thread: kept, made side by side, given up and made anew."""

from __future__ import annotations

import itertools
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.service import ingest
from tests.ingest.helpers import payloads, settings_for
from tests.ingest.server import Call, Fault, listening, reply, serving, some
from tests.ingest.test_tls import certificate

DATA = some(95)  # ten pages, and page 1 once more at the end


def says_that_it_hangs_up(call: Call) -> None:
    call.headers = {"Connection": "close"}
    call.handler.close_connection = True


def speaks_http_1_0(call: Call) -> None:
    call.handler.protocol_version = "HTTP/1.0"
    call.handler.close_connection = True


def hangs_up(call: Call) -> None:
    call.handler.close_connection = True


@pytest.mark.parametrize("fault", [says_that_it_hangs_up, speaks_http_1_0])
def test_a_server_that_keeps_no_connection_costs_no_attempt(tmp_path: Path, fault: Fault) -> None:
    with serving(DATA, fault=fault) as api:
        (result,) = ingest(settings_for(api, tmp_path, workers=3), endpoints=["tracks"])
    assert (result.retries, api.connections) == (0, 11)
    assert payloads(tmp_path, "tracks") == DATA["tracks"]


def test_a_connection_that_was_hung_up_in_a_pause_is_not_asked(tmp_path: Path) -> None:
    with serving(DATA, fault=hangs_up) as api:
        settings = settings_for(api, tmp_path, workers=2, requests_per_second=20)
        (result,) = ingest(settings, endpoints=["tracks"])
    assert (result.retries, api.connections) == (0, 11)
    assert payloads(tmp_path, "tracks") == DATA["tracks"]


def test_who_is_silent_is_asked_again_and_the_others_go_on(tmp_path: Path) -> None:
    def silent_once(call: Call) -> None:
        if (call.page, call.seen) == (2, 0):
            time.sleep(1)

    with serving(DATA, fault=silent_once) as api:
        settings = settings_for(api, tmp_path, workers=4, timeout_seconds=0.3)
        (result,) = ingest(settings, endpoints=["tracks"])
    asked = [page for _, page in api.asked]
    assert result.retries == 1
    assert {3, 4, 5, 6, 7, 8, 9} <= set(asked[: asked.index(2, asked.index(2) + 1)])
    assert payloads(tmp_path, "tracks") == DATA["tracks"]


def test_connections_are_made_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first, no handshake goes on before all that are wanted have begun."""
    file, begun, together = certificate(tmp_path), itertools.count(), threading.Barrier(3)

    def handshake(*_told: object) -> None:
        if next(begun):
            together.wait(5)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        page = int(parse_qs(urlsplit(handler.path).query)["page"][0])
        items = ", ".join(DATA["tracks"][10 * page - 10 : 10 * page])
        envelope = f'"total": 95, "page": {page}, "size": 10, "pages": 10'
        reply(handler, f'{{"items": [{items}], {envelope}}}')

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.sni_callback = handshake
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with listening(answer, tls=context) as url:
        settings = settings_for(url, tmp_path / "lake", workers=4)
        (result,) = ingest(settings, endpoints=["tracks"])
    assert (result.retries, next(begun)) == (0, 4)
    assert payloads(tmp_path / "lake", "tracks") == DATA["tracks"]
