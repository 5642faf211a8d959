"""Captured answers of a live server, served again as a music API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ingest.server import Call, serving

FOLDER = Path(__file__).parent / "fixtures" / "api" / "capture"
ENDPOINTS = ("tracks", "users", "listen_history")


def records(endpoint: str) -> list[dict[str, object]]:
    """The captured records of an endpoint, in the order they were sent."""
    pages = sorted((FOLDER / endpoint).glob("page-*.json"))
    return [record for page in pages for record in json.loads(page.read_text())["items"]]


@contextmanager
def replayed() -> Iterator[str]:
    """Serve the captured pages byte for byte; yields the server's URL."""

    def page(call: Call) -> None:
        call.body = (FOLDER / call.endpoint / f"page-{call.page:02}.json").read_bytes()

    with serving({name: [] for name in ENDPOINTS}, fault=page) as api:
        yield api.url
