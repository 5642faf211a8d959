"""What the tests of the loader share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest import batches
from ingest.service import BatchResult, ingest
from ingest.settings import IngestSettings
from tests.ingest.server import Api, Call, Fault, listening, reply


def settings_for(api: Api | str, lake: Path | str, **more: Any) -> IngestSettings:
    """Settings that lose no time; without the gate, unless it is asked for."""
    given = {"page_size": 10, "backoff_seconds": 0.001, "timeout_seconds": 5.0, "max_attempts": 3,
             "gate": False}  # fmt: skip
    url = api if isinstance(api, str) else api.url
    return IngestSettings(api_url=url, lake=lake, **{**given, **more})


def declared(path: Path, text: str) -> Path:
    """A file of endpoints, each an entry of YAML in one line."""
    path.write_text("endpoints:\n" + "".join(f"  - {line}\n" for line in text.splitlines()))
    return path


def on(endpoint: str, page: int, fault: Fault, *, times: int = 99) -> Fault:
    """Limit a fault to the first `times` requests of one page."""

    def limited(call: Call) -> None:
        if (call.endpoint, call.page) == (endpoint, page) and call.seen < times:
            fault(call)

    return limited


def rows(lake: Path, endpoint: str, *, below: str = "bronze") -> list[dict[str, Any]]:
    """Every visible row, in the order of the files."""
    files = sorted((lake / below / f"{endpoint}_raw").glob("ingest_date=*/batch=*/*.parquet"))
    tables = [pq.ParquetFile(file).read() for file in files]
    return [row for table in tables for row in table.to_pylist()]


def schemas(lake: Path, endpoint: str, *, below: str = "bronze") -> list[pa.Schema]:
    files = (lake / below / f"{endpoint}_raw").glob("ingest_date=*/batch=*/*.parquet")
    return [pq.read_schema(file) for file in sorted(files)]


def payloads(lake: Path, endpoint: str) -> list[str]:
    return [row["payload"] for row in rows(lake, endpoint)]


def left_in_bronze(lake: Path) -> list[str]:
    """Every file of bronze that is of a batch, beside what the loader keeps for itself."""
    own = [lake / "bronze" / name for name in ("_staging", "_state", "_checks")]
    files = (path for path in (lake / "bronze").rglob("*") if path.is_file())
    return sorted(path.name for path in files if not any(map(path.is_relative_to, own)))


def rejects(lake: Path, endpoint: str) -> list[tuple[str, str]]:
    """Payload and reason of every reject."""
    found = rows(lake, endpoint, below="bronze/_rejects")
    return [(row["payload"], row["reason"]) for row in found]


def untold(
    secrets: Sequence[str], tmp_path: Path, caplog: pytest.LogCaptureFixture, *more: object
) -> None:
    """No secret is in a log record, in what was raised, or in a file."""
    told = [caplog.text, *map(str, more), *map(repr, more)]
    told += [f"{entry.__dict__} {entry.getMessage()}" for entry in caplog.records]
    chain = [error for error in more if isinstance(error, BaseException)]
    for error in chain:
        told.append(repr(error.__dict__))
        chain += [cause for cause in (error.__cause__,) if cause is not None]
    told += [repr(error) for error in chain]
    files = [path for path in (tmp_path / "lake").rglob("*") if path.is_file()]
    told += [path.read_bytes().decode(errors="replace") for path in files]
    assert not [text for text in told for secret in secrets if secret in text]


def play(number: int, day: str, **more: Any) -> str:
    """A record that changed last on a day."""
    return json.dumps({"id": number, "updated_at": f"{day}T00:00:00Z", **more})


class Feed:
    """An API of plays that filters by time, or has the newest first, after those `on_top`."""

    def __init__(self, tmp_path: Path, records: Sequence[str], since: str) -> None:
        entry = "name: plays, path: /plays, id: [id], timestamp: updated_at"
        self.file = declared(tmp_path / "e.yml", f"{{{entry}, since: {since}}}")
        self.lake, self.url, self.newest_first = tmp_path / "lake", "", "order" in since
        self.records, self.on_top = list(records), list[str]()
        self.failing, self.before_page = set[int](), dict[int, Callable[[], object]]()
        self.asked: list[dict[str, str]] = []

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        query = dict(parse_qsl(urlsplit(handler.path).query))
        self.asked.append(query)
        page, size, since = int(query["page"]), int(query["size"]), query.get("updated_since")
        self.before_page.pop(page, lambda: None)()
        found = [text for text in self.records if not since or _moment(text) >= _moment(since)]
        if self.newest_first:
            found = self.on_top + sorted(found, key=_moment, reverse=True)
        items = ", ".join(found[(page - 1) * size : page * size])
        body = f'{{"items": [{items}], "total": {len(found)}}}'
        reply(handler, body, 404 if page in self.failing else 200)

    def load(self, **more: Any) -> BatchResult:
        self.asked.clear()
        given = {"endpoints_file": self.file, "workers": 2, **more}
        (result,) = ingest(settings_for(self.url, self.lake, **given))
        return result

    def cursor(self) -> str | None:
        manifest = batches.latest(self.lake, "plays")
        return manifest.cursor if manifest else None


@contextmanager
def feeding(tmp_path: Path, records: Sequence[str], since: str) -> Iterator[Feed]:
    """Have such an API listen."""
    feed = Feed(tmp_path, records, since)
    with listening(feed.answer) as feed.url:
        yield feed


def _moment(text: str) -> datetime:
    """The moment of a record, or that a text names."""
    stamp = json.loads(text)["updated_at"] if text.startswith("{") else text
    return datetime.fromisoformat(stamp).astimezone(UTC)
