"""Endpoints read, compared with what they held last, checked, and landed where they differ."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec
import pyarrow as pa
import requests

from ingest.batches import Manifest, found
from ingest.client import Client
from ingest.compare import CONFLICTING, KEPT
from ingest.endpoints import Endpoint, load_endpoints
from ingest.errors import IngestError, LoaderError, SettingsError
from ingest.gate import shared
from ingest.landing import Landing
from ingest.pages import Page
from ingest.reading import read
from ingest.settings import IngestSettings
from ingest.storage import Bronze
from ingest.throttle import Throttle

logger = logging.getLogger(__name__)


class BatchResult(Manifest, kw_only=True):
    """What became of an endpoint: `status` is "landed" or "unchanged".

    When unchanged, `rows` and `rejected` are of the newest batch, `pages`, `bytes` and `retries` of
    this reading. `path` is the batch's folder.
    """

    status: str
    path: str
    seconds: float


@dataclass(frozen=True)
class Step:
    """Where an endpoint stands: `state` is reading, landed, unchanged or failed."""

    endpoint: str
    state: str
    pages_done: int = 0
    pages: int = 0
    records: int = 0


@dataclass(frozen=True, kw_only=True)
class _Run:
    settings: IngestSettings
    bronze: Bronze
    batch_id: str
    given: bool
    on_progress: Callable[[Step], None]


def ingest(
    settings: IngestSettings, *, endpoints: Sequence[str] | None = None,
    batch_id: str | None = None, session: requests.Session | None = None,
    on_progress: Callable[[Step], None] = lambda _step: None,
) -> list[BatchResult]:  # fmt: skip
    """Load the named endpoints, or all; a `batch_id` that is visible already lands nothing.

    An injected session is used as it is, without the token of the settings, and left open.

    Raises:
        SettingsError: before anything is read.
        IngestError: after all were tried, naming each that failed; the others' batches stay.
    """
    chosen = load_endpoints(settings.endpoints_file, names=endpoints or ())
    new_id = batch_id or datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", new_id):
        raise SettingsError(f"batch id {batch_id!r}: use letters, digits, '.', '_' and '-' only")
    results: list[BatchResult] = []
    failures: dict[str, Exception] = {}
    with nullcontext(session) if session else requests.Session() as http:
        settings = replace(settings, token=None) if session else settings
        throttle = Throttle(settings.workers, settings.requests_per_second)
        run = _Run(settings=settings, bronze=Bronze(settings.lake), batch_id=new_id,
                   given=batch_id is not None, on_progress=on_progress)  # fmt: skip
        clients = [
            Client(endpoint, settings, session=http, throttle=throttle) for endpoint in chosen
        ]
        for endpoint, client in zip(chosen, clients, strict=True):
            try:
                with run.bronze.lock(endpoint.name), closing(client):
                    results.append(_load(run, endpoint, client))
            except (LoaderError, OSError, pa.ArrowException) as error:
                failures[endpoint.name] = error
                on_progress(Step(endpoint.name, "failed"))
    if failures:
        raise IngestError(failures, results) from next(iter(failures.values()))
    return results


def _load(run: _Run, endpoint: Endpoint, client: Client) -> BatchResult:
    clock, name = time.monotonic(), endpoint.name
    landing = Landing(run.bronze, endpoint, run.settings)

    def end(status: str, batch: Manifest, reading: Manifest) -> BatchResult:
        told = {field: getattr(reading, field) for field in ("pages", "bytes", "retries", "total")}
        fields = msgspec.structs.asdict(batch) | told
        result = BatchResult(**fields, status=status, path=run.bronze.path(batch.place()),
                             seconds=time.monotonic() - clock)  # fmt: skip
        names = ("rows", "rejected", "unchanged", "repeated", "pages", "retries", "seconds")
        _log(status, name, {field: getattr(result, field) for field in names})
        run.on_progress(Step(name, status, result.pages, result.pages, result.total))
        return result

    _log("start", name, {"url": client.url})
    run.on_progress(Step(name, "reading"))
    if same := [batch for batch in found(run.bronze, name) if batch.batch_id == run.batch_id]:
        return end("unchanged", same[0], same[0])
    batch = landing.open(run.batch_id, given=run.given, url=client.url)
    if not landing.committed():
        if not landing.newest and run.settings.gate:
            shared().start()

        def on_page(page: Page, records: int) -> None:
            pages = -(-(page.total or 0) // run.settings.page_size)
            run.on_progress(Step(name, "reading", page.number, pages, records))

        stage, told = read(landing, batch, client, on_page=on_page)
        news = told.count(KEPT) + told.count(CONFLICTING)
        if run.settings.gate and (news or landing.shrank(stage, told)):
            landing.check(stage, told, shared())
        if landing.newest and not news:
            landing.remember(stage, told, landing.newest.batch_id)
            landing.clear()
            return end("unchanged", landing.newest, stage.manifest)
        landing.commit(stage, told)
    shown = landing.show()
    return end("landed", shown, shown)


def _log(action: str, endpoint: str, told: dict[str, object]) -> None:
    extra = {f"medley.{key}": value for key, value in {"endpoint": endpoint, **told}.items()}
    extra |= {"event.dataset": "ingest", "event.action": action}
    text = ", ".join(f"{key} {value}" for key, value in told.items())
    logger.info("%s: %s, %s", endpoint, action, text, extra=extra)
