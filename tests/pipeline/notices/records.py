"""Records of runs, written as a run writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.record import Endpoint, Node, Publication, Quality, Run, Step

START = datetime(2026, 11, 20, 3, 17, tzinfo=UTC)
DAY = timedelta(days=1)


def written(
    lake: Path, *steps: Step, at: datetime = START, status: str | None = None, message: str = ""
) -> Run:
    """A run that has ended, in the lake's `runs/`."""
    run_id = at.strftime("%Y%m%dT%H%M%S%fZ")
    folder = lake / "runs" / run_id
    folder.mkdir(parents=True)
    bad = next((step for step in steps if step.status in ("failed", "died")), None)
    run = Run(
        run_id=run_id,
        folder=folder,
        schema_version=2,
        pid=1,
        host="music-1",
        started_at=at.isoformat(),
        steps=list(steps),
        message=message or (bad.message if bad else None),
    )
    run.end(status or (bad.status if bad else "success"), at=at + timedelta(minutes=2))  # type: ignore[arg-type]
    return run


def step(name: str, status: str = "success", **facts: object) -> Step:
    """A step that took four seconds."""
    return Step(name=name, status=status, seconds=4.0, **facts)  # type: ignore[arg-type]


def good(*, records: int = 23_000, ndcg: float = 0.19, seconds: float = 50.0) -> list[Step]:
    """The steps of a run that went well."""
    served = Publication(
        location="sqlite:///medley.db",
        model_version="v1",
        users=1000,
        rows=20_000,
        generated_at=START.isoformat(),
        published_at=START.isoformat(),
        lag_seconds=90.0,
    )
    return [
        step("ingest", rows_in=records, rows_out=records, rows_rejected=200,
             endpoints=[Endpoint(name="tracks", status="landed")]),
        step("build", rows_rejected=607, peak_memory_bytes=2 * 2**30, nodes=[
            Node(name="fct_listen_history", kind="model", status="success", rows=145_621),
        ]),
        Step(name="train", status="success", seconds=seconds, quality=[
            Quality(model_version="v1", recommender="model", metric="ndcg", value=ndcg),
        ]),
        step("publish", rows_out=20_000, publication=served),
    ]  # fmt: skip


def failed(reason: str, *, name: str = "build") -> list[Step]:
    """The steps of a run whose build failed."""
    return [step("ingest", rows_in=23_000, rows_out=10), step(name, "failed", message=reason)]
