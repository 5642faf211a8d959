"""A music API that answers as cheaply as Python can, in a process of its own.

`/{endpoint}?page=N&size=M` over HTTP/1.1 with keep-alive and pipelining. Every id is issued once;
the texts around it come back after POOL records, so that any number of records fits in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

POOL = 20_000  # Parquet compresses a page at a time, and none holds as many records
LARGEST_PAGE = 100
RENDERED = 500_000  # records of an endpoint up to which its pages are made before the first answer
HEAD = b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
EPOCH = datetime(2024, 11, 23, tzinfo=UTC)
SPAN = timedelta(days=730).total_seconds()
_request = re.compile(rb"GET /(\w+)(\S*) HTTP/1\.1\r\n").match
_page = re.compile(rb"\bpage=(\d+)").search
_size = re.compile(rb"\bsize=(\d+)").search

GIVEN = ["Ana", "Björk", "Chloé", "Dawn", "Émile", "Kevin", "Lea", "Miyuki", "Søren", "Travis"]
FAMILY = ["Brown", "Clark", "García", "Kowalczyk", "Müller", "Ramsey", "Sanchez", "Þórsson", "Yu"]
WORDS = [
    "agency", "away", "blue", "café", "follow", "girl", "hot", "item", "knowledge", "manager",
    "nearly", "nuit", "particular", "raise", "séance", "step", "though", "until", "東京", "夜",
]  # fmt: skip
GENRES = ["Alternative", "Blues", "Classical", "Country", "Hip Hop", "Jazz", "Pop", "Reggae"]


def _moments(rng: random.Random) -> dict[str, str]:
    created, updated = sorted(rng.uniform(0, SPAN) for _ in range(2))
    times = {"created_at": created, "updated_at": updated}
    return {
        name: (EPOCH + timedelta(seconds=at)).isoformat(timespec="microseconds")[:26]
        for name, at in times.items()
    }


def _name(rng: random.Random) -> str:
    return f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"


def _title(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 3)))


def _track(rng: random.Random) -> dict[str, Any]:
    return {
        "name": _title(rng),
        "artist": _name(rng),
        "songwriters": _name(rng),
        "duration": f"{rng.randrange(60):02}:{rng.randrange(60):02}",
        "genres": rng.choice(GENRES),
        "album": _title(rng),
        **_moments(rng),
    }


def _listens(rng: random.Random) -> dict[str, Any]:
    return {"items": [rng.randrange(100_000) for _ in range(5)], **_moments(rng)}


ENDPOINTS: dict[str, tuple[bytes, Callable[[random.Random], dict[str, Any]]]] = {
    "tracks": (b'{"id":%d,', _track),
    "listen_history": (b'{"user_id":%d,', _listens),
}


class Pages:
    """The pages of one endpoint: texts from a pool, ids counted up from 1."""

    def __init__(self, endpoint: str, total: int) -> None:
        self.total = total
        key, make = ENDPOINTS[endpoint]
        rng = random.Random(endpoint)
        compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
        rests = (compact.encode(make(rng))[1:].encode() for _ in range(POOL))
        self.templates = [key + rest.replace(b"%", b"%%") for rest in rests]
        self.joined: dict[tuple[int, int], bytes] = {}
        self.answers: dict[tuple[int, int], bytes] = {}
        if total <= RENDERED:
            for page in range(1, -(-total // LARGEST_PAGE) + 1):
                self.answers[page, LARGEST_PAGE] = self.render(page, LARGEST_PAGE)

    def answer(self, page: int, size: int) -> bytes:
        """The whole HTTP answer."""
        return self.answers.get((page, size)) or self.render(page, size)

    def render(self, page: int, size: int) -> bytes:
        """Make an answer; the template of a place in the pool is joined once."""
        first, last = (page - 1) * size, min(page * size, self.total)
        place = first % POOL, max(last - first, 0)
        template = self.joined.get(place)
        if template is None:
            records = [self.templates[(place[0] + at) % POOL] for at in range(place[1])]
            template = self.joined[place] = b",".join(records)
        envelope = b'],"total":%d,"page":%d,"size":%d,"pages":%d}'
        end = envelope % (self.total, page, size, -(-self.total // size))
        body = b'{"items":[' + template % tuple(range(first + 1, last + 1)) + end
        return HEAD % (200, b"OK", len(body), body)


class Connection(asyncio.Protocol):
    """One client; answers leave in the order of the requests, each `latency` seconds late."""

    def __init__(self, pages: dict[bytes, Pages], latency: float) -> None:
        self.pages, self.latency, self.waiting = pages, latency, b""

    def connection_made(self, transport: Any) -> None:
        """Keep the transport."""
        self.transport = transport
        self.loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete; a GET has no body."""
        *requests, self.waiting = (self.waiting + data).split(b"\r\n\r\n")
        for request in requests:
            answer = self.answer(request + b"\r\n")
            if self.latency:
                self.loop.call_later(self.latency, self.transport.write, answer)
            else:
                self.transport.write(answer)

    def answer(self, request: bytes) -> bytes:
        """A page, 404 for a stranger, or 422 for a page that cannot be."""
        match = _request(request)
        pages = self.pages.get(match[1]) if match else None
        if not match or not pages:
            return HEAD % (404, b"Not Found", 22, b'{"detail":"Not Found"}')
        page, size = _page(match[2]), _size(match[2])
        number, records = int(page[1]) if page else 1, int(size[1]) if size else LARGEST_PAGE
        if not (number and 0 < records <= LARGEST_PAGE):
            return HEAD % (422, b"Unprocessable Entity", 13, b'{"detail":[]}')
        return pages.answer(number, records)


async def serve(endpoint: str, records: int, latency: float) -> None:
    """Write the port, then answer until killed."""
    pages = {endpoint.encode(): Pages(endpoint, records)}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(pages, latency), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@contextmanager
def serving(endpoint: str, records: int, *, latency: float = 0.0) -> Iterator[str]:
    """The address of an API that runs as long as the block."""
    command = [sys.executable, "-m", "bench.api", endpoint, str(records), str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"  # type: ignore[union-attr]
        finally:
            process.terminate()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("endpoint", choices=ENDPOINTS)
    parser.add_argument("records", type=int)
    parser.add_argument("latency", type=float, help="Seconds that each answer waits.")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.endpoint, arguments.records, arguments.latency))
