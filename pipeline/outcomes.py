"""What the loader and the publication say of their work, in the record's words."""

from __future__ import annotations

from pathlib import Path

from ingest.errors import IngestError
from ingest.moments import moment
from ingest.service import BatchResult
from pipeline.freshness import landed, landed_by
from pipeline.record import Endpoint, Publication, Step, seconds_between
from publish.reader import generation
from publish.service import PublishResult


def tell_ingestion(step: Step, results: list[BatchResult]) -> None:
    """Add what became of each endpoint that was read, and the sums."""
    new = [result for result in results if result.status == "landed"]
    step.rows_in = sum(result.total for result in results)
    step.rows_out = sum(result.rows for result in new)
    step.rows_rejected = sum(result.rejected for result in new)
    step.bytes = sum(result.bytes for result in results)
    step.endpoints = [_endpoint(result) for result in results]


def tell_failed_ingestion(step: Step, error: IngestError) -> None:
    """Add what became of each endpoint when some failed."""
    tell_ingestion(step, [result for result in error.results if isinstance(result, BatchResult)])
    step.endpoints += [
        Endpoint(name=name, status="failed", message=str(reason))
        for name, reason in error.failures.items()
    ]


def _endpoint(result: BatchResult) -> Endpoint:
    return Endpoint(
        name=result.endpoint,
        status="landed" if result.status == "landed" else "unchanged",
        batch_id=result.batch_id,
        records=result.total,
        rows=result.rows,
        rejected=result.rejected,
        unchanged=result.unchanged,
        repeated=result.repeated,
        pages=result.pages,
        bytes=result.bytes,
        retries=result.retries,
        seconds=round(result.seconds, 3),
        data_at=moment(result.cursor).isoformat() if result.cursor else None,
        reasons=result.reasons,
    )


def publication(result: PublishResult, *, lake: Path, url: str) -> Publication:
    """What readers see from now on, and how long it took since it landed."""
    now_served = generation(url)
    landing = landed_by(landed(lake), now_served.generated_at)
    return Publication(
        location=result.location,
        model_version=result.model_version,
        users=result.users,
        rows=result.rows,
        generated_at=now_served.generated_at.isoformat(),
        published_at=now_served.published_at.isoformat(),
        landed_at=landing,
        lag_seconds=seconds_between(landing, now_served.published_at) if landing else None,
    )
