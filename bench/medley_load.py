"""Medley's own loader, and what a bare session takes to read the same pages."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import requests

from ingest.service import ingest
from ingest.settings import IngestSettings

PAGE_SIZE = 100


def load(url: str, endpoint: str, folder: Path, *, gate: bool = True) -> int:
    """`ingest` with its defaults into an empty lake; returns the rows landed."""
    settings = IngestSettings(api_url=url, lake=folder, page_size=PAGE_SIZE, gate=gate)
    ingest(settings, endpoints=[endpoint])
    files = (folder / "bronze" / f"{endpoint}_raw").rglob("*.parquet")
    return sum(pq.read_metadata(file).num_rows for file in files)


def read(url: str, endpoint: str, _folder: Path) -> int:
    """Read every page by a bare session, one after the other, and keep nothing of it."""
    with requests.Session() as session:
        address = f"{url}/{endpoint}?page={{}}&size={PAGE_SIZE}"
        first = session.get(address.format(1)).json()
        for page in range(2, first["pages"] + 1):
            session.get(address.format(page)).raise_for_status()
    return int(first["total"])


def workers() -> int:
    """How many pages `ingest` asks for at once by default."""
    return IngestSettings(api_url="http://127.0.0.1").workers
