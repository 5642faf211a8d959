from __future__ import annotations

import gzip
import threading
import time
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.service import ingest
from tests.ingest.helpers import on, settings_for
from tests.ingest.server import Call, serving, some

DATA = some(25)


def test_a_stalled_server_is_a_timeout(tmp_path: Path) -> None:
    over = threading.Event()
    with serving(DATA, fault=on("users", 2, lambda _call: over.wait(3))) as api:
        settings = settings_for(api, tmp_path, timeout_seconds=0.2, max_attempts=2)
        with pytest.raises(IngestError, match=r"users\?page=2.* timed out \(limit 0.2 s\)"):
            ingest(settings, endpoints=["users"])
        over.set()


def test_a_dripping_server_is_a_timeout(tmp_path: Path) -> None:
    def drip(call: Call) -> None:
        call.handler.close_connection = True
        call.handler.send_response(200)
        call.handler.end_headers()
        try:
            for _ in range(300):
                call.handler.wfile.write(b" ")
                time.sleep(0.01)
        except ConnectionError:
            call.body = b""

    with serving(DATA, fault=on("users", 1, drip)) as api:
        settings = settings_for(api, tmp_path, timeout_seconds=0.05, max_attempts=1)
        with pytest.raises(IngestError, match="timed out"):
            ingest(settings, endpoints=["users"])


def zipped(call: Call) -> None:
    call.body = gzip.compress(b" " * 1_000_000 + b'{"items": []}')
    call.headers = {"Content-Encoding": "gzip"}


def test_a_huge_answer_is_not_read_to_its_end(tmp_path: Path) -> None:
    with serving(DATA, fault=on("tracks", 1, zipped)) as api:
        settings = settings_for(api, tmp_path, max_answer_bytes=200_000)
        with pytest.raises(IngestError, match="more than 200000 bytes"):
            ingest(settings, endpoints=["tracks"])


def test_an_endpoint_keeps_its_connections(tmp_path: Path) -> None:
    with serving(some(400)) as api:
        ingest(settings_for(api, tmp_path, workers=3))
    assert len(api.asked) == 3 * 41
    assert api.connections <= 3 * 4  # the workers and the one who asks for page 1 again
