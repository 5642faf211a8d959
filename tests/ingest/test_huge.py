"""Answers without end or measure: reading stops early, and memory stays small."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.service import ingest
from tests.ingest.helpers import on, settings_for
from tests.ingest.server import Call, Fault, serving, some

DATA = some(25)
MB = 2**20
HUGE = 2**30
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
START = b'{"items": ['


def zeros() -> tuple[bytes, bytes]:
    """The beginning of a gzip stream, and what prolongs it by a megabyte of blanks."""
    packer = zlib.compressobj(wbits=31)
    start = packer.compress(START) + packer.flush(zlib.Z_FULL_FLUSH)
    return start, packer.compress(b" " * MB) + packer.flush(zlib.Z_FULL_FLUSH)


class Flood:
    """Sends up to a gigabyte, and counts how much of it went."""

    def __init__(self, head: bytes, start: bytes, piece: bytes, count: int) -> None:
        self.head, self.start, self.piece, self.count = head, start, piece, count
        self.sent = 0

    def __call__(self, call: Call) -> None:
        call.handler.wfile.write(OK + self.head + b"\r\n" + self.start)
        for _ in range(self.count):
            call.handler.wfile.write(self.piece)
            self.sent += len(self.piece)
        raise ConnectionResetError


def flood(kind: str) -> Flood:
    blank = b" " * 2**16
    if kind == "declared":
        return Flood(b"Content-Length: %d\r\n" % HUGE, START, blank, HUGE // len(blank))
    chunk = b"%x\r\n%s\r\n" % (len(blank), blank)
    if kind == "chunked":
        return Flood(b"Transfer-Encoding: chunked\r\n", b"b\r\n%s\r\n" % START, chunk, 2**14)
    if kind == "until_closed":
        return Flood(b"Connection: close\r\n", START, blank, 2**14)
    start, piece = zeros()
    length = b"Content-Length: %d\r\n" % (len(start) + 1024 * len(piece))
    return Flood(b"Content-Encoding: gzip\r\n" + length, start, piece, 1024)


@contextmanager
def peak() -> Iterator[list[int]]:
    """How many bytes Python held at most."""
    told: list[int] = []
    tracemalloc.start()
    try:
        yield told
        told.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("limit", [2 * MB, 64 * MB])
@pytest.mark.parametrize("kind", ["declared", "chunked", "until_closed", "bomb"])
def test_a_gigabyte_is_neither_read_nor_held(tmp_path: Path, kind: str, limit: int) -> None:
    fault = flood(kind)
    with serving(DATA, fault=on("tracks", 1, fault)) as api, peak() as held:
        settings = settings_for(api, tmp_path, max_answer_bytes=limit)
        with pytest.raises(IngestError, match=f"answered more than {limit} bytes"):
            ingest(settings, endpoints=["tracks"])
    assert held[0] < 2.5 * limit + 8 * MB
    assert fault.sent < limit + 24 * MB  # what lies in the buffers of the sockets included
    assert api.asked == [("tracks", 1)], "no second attempt would change it"


def bomb_in_one(call: Call) -> None:
    call.body, call.headers = gzip.compress(b" " * 4 * MB), {"Content-Encoding": "gzip"}


def chunk_of_a_gigabyte(call: Call) -> None:
    call.handler.wfile.write(OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % HUGE)
    for _ in range(64):
        call.handler.wfile.write(b" " * MB)
    raise ConnectionResetError


@pytest.mark.parametrize("fault", [bomb_in_one, chunk_of_a_gigabyte])
def test_what_comes_in_one_piece_is_bounded_too(tmp_path: Path, fault: Fault) -> None:
    with serving(DATA, fault=on("tracks", 1, fault)) as api, peak() as held:
        settings = settings_for(api, tmp_path, max_answer_bytes=MB)
        with pytest.raises(IngestError, match=f"answered more than {MB} bytes"):
            ingest(settings, endpoints=["tracks"])
    assert held[0] < 16 * MB


def test_an_answer_up_to_the_limit_lands(tmp_path: Path) -> None:
    long = f'{{"id": 1, "name": "{"x" * 3 * MB}"}}'
    with serving({"tracks": [long]}) as api:
        settings = settings_for(api, tmp_path, max_answer_bytes=4 * MB)
        (result,) = ingest(settings, endpoints=["tracks"])
    assert result.rows == 1
