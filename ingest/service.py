"""Endpoints read, compared with their newest batch, and landed where they differ."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import requests

from ingest import batches, storage
from ingest.client import make_session
from ingest.endpoints import Endpoint, load_endpoints
from ingest.errors import IngestError, LoaderError, MovingPagesError, SettingsError
from ingest.landing import Landing
from ingest.reader import read_pages
from ingest.settings import IngestSettings

logger = logging.getLogger(__name__)

READS = 3


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """What became of an endpoint: `status` is "landed" or "unchanged".

    `rows` and `rejected` describe the batch at `path`; when unchanged, that is the batch which
    already held these records. `bytes` counts the bodies of the read that was kept.
    """

    endpoint: str
    batch_id: str
    status: str
    rows: int
    rejected: int
    pages: int
    bytes: int
    seconds: float
    retries: int
    path: Path


@dataclass(frozen=True)
class Step:
    """Where an endpoint stands: `state` is reading, landed, unchanged or failed."""

    endpoint: str
    state: str
    pages_done: int = 0
    pages: int = 0
    records: int = 0


OnProgress = Callable[[Step], None]


@dataclass(frozen=True)
class _Run:
    settings: IngestSettings
    batch_id: str
    session: requests.Session
    pool: ThreadPoolExecutor
    on_progress: OnProgress


def ingest(
    settings: IngestSettings, *, endpoints: Sequence[str] | None = None,
    batch_id: str | None = None, session: requests.Session | None = None,
    on_progress: OnProgress = lambda _step: None,
) -> list[BatchResult]:  # fmt: skip
    """Load the named endpoints, or all; a `batch_id` that is visible already lands nothing.

    An injected session is used as it is, without the token of the settings, and left open.

    Raises:
        SettingsError: before anything is read.
        IngestError: after all were tried, naming each that failed; the others' batches stay.
    """
    chosen = load_endpoints(settings.endpoints_file, names=endpoints or ())
    batch_id = batch_id or datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", batch_id):
        raise SettingsError(f"batch id {batch_id!r}: use letters, digits, '.', '_' and '-' only")
    results: list[BatchResult] = []
    failures: dict[str, Exception] = {}
    with (
        nullcontext(session) if session else make_session(settings) as http,
        ThreadPoolExecutor(settings.workers) as pool,
    ):
        run = _Run(settings, batch_id, http, pool, on_progress)
        for endpoint in chosen:
            try:
                results.append(_load(run, endpoint))
            except (LoaderError, OSError, pa.ArrowException) as error:
                failures[endpoint.name] = error
                on_progress(Step(endpoint.name, "failed"))
    if failures:
        raise IngestError(failures, results) from next(iter(failures.values()))
    return results


def _load(run: _Run, endpoint: Endpoint) -> BatchResult:
    name, lake = endpoint.name, run.settings.lake
    started, clock = datetime.now(UTC), time.monotonic()
    _log("start", name, api=run.settings.api_url)
    with storage.staging(lake, name) as folder:
        landing = Landing(folder, name, run.batch_id, started)
        found = batches.find(lake, name, run.batch_id)
        if not found:
            landing = _read(run, endpoint, folder, started)
            newest = batches.latest(lake, name)
            if newest and newest.fingerprint == landing.fingerprint and not run.settings.full:
                found = batches.find(lake, name, newest.batch_id)
        status = "unchanged" if found else "landed"
        manifest, path = found or _publish(run.settings, endpoint, landing)
    seconds = time.monotonic() - clock
    _log(status, name, rows=manifest.rows, rejected=manifest.rejected, seconds=round(seconds, 3))
    run.on_progress(Step(name, status, manifest.pages, manifest.pages, manifest.total))
    return BatchResult(
        endpoint=name, batch_id=manifest.batch_id, status=status, rows=manifest.rows,
        rejected=manifest.rejected, pages=manifest.pages, bytes=landing.bytes, seconds=seconds,
        retries=landing.retries, path=path,
    )  # fmt: skip


def _read(run: _Run, endpoint: Endpoint, folder: Path, started: datetime) -> Landing:
    name = endpoint.name
    run.on_progress(Step(name, "reading"))
    for attempt in range(1, READS + 1):
        storage.remove(folder)
        landing = Landing(folder, name, run.batch_id, started)
        source = read_pages(endpoint, session=run.session, settings=run.settings, pool=run.pool)
        try:
            with closing(landing), closing(source) as pages:
                for page in pages:
                    landing.add(page)
                    run.on_progress(Step(name, "reading", page.page, page.pages, landing.total))
        except MovingPagesError as error:
            if attempt == READS:
                raise MovingPagesError(f"{error}; read {READS} times, run again") from error
            _log("moved", name, level=logging.WARNING, reason=str(error), attempt=attempt)
        else:
            return landing
    raise AssertionError


def _publish(
    settings: IngestSettings, endpoint: Endpoint, landing: Landing
) -> tuple[batches.Manifest, Path]:
    manifest = batches.Manifest(
        batch_id=landing.batch_id,
        endpoint=endpoint.name,
        rows=landing.rows.rows,
        rejected=landing.rejects.rows,
        pages=landing.pages,
        total=landing.total,
        fingerprint=landing.fingerprint,
        started_at=landing.started.isoformat(timespec="microseconds"),
        finished_at=datetime.now(UTC).isoformat(timespec="microseconds"),
        source_url=settings.api_url.rstrip("/") + endpoint.path,
    )
    batches.write(manifest, landing.rows.folder)
    place = {"day": landing.started.date().isoformat(), "batch_id": landing.batch_id}
    if landing.rejects.rows:
        rejects = storage.rejects_folder(settings.lake, endpoint.name)
        storage.publish(landing.rejects.folder, rejects, **place)
    rows = storage.rows_folder(settings.lake, endpoint.name)
    return manifest, storage.publish(landing.rows.folder, rows, **place)


def _log(action: str, endpoint: str, *, level: int = logging.INFO, **fields: object) -> None:
    extra = {f"medley.{key}": value for key, value in {"endpoint": endpoint, **fields}.items()}
    extra |= {"event.dataset": "ingest", "event.action": action}
    text = ", ".join(f"{key} {value}" for key, value in fields.items())
    logger.log(level, "%s: %s, %s", endpoint, action, text, extra=extra)
