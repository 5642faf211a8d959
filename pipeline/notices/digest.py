"""The digest of a day: how often it ran, what came in, what fails, what is served."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pipeline.notices.clean import clean
from pipeline.notices.notice import Notice, names_in, rows
from pipeline.notices.told import Told
from pipeline.record import Run, Step
from pipeline.words import count, moment


def is_due(told: Told, now: datetime) -> bool:
    """Whether a day (UTC) has begun since the last digest."""
    last = told.digest_at
    return last is not None and datetime.fromisoformat(last).astimezone(UTC).date() < now.date()


def digest(runs: Sequence[Run], told: Told, *, now: datetime, runs_url: str | None) -> Notice:
    """Sum up the runs since the last digest, or of the last day.

    Args:
        runs: all ended runs, newest first.
        told: when the last digest was, and the troubles there are.
        now: the present, UTC.
        runs_url: where `runs/` can be read with a browser.
    """
    since = told.digest_at or (now - timedelta(days=1)).isoformat()
    begin = datetime.fromisoformat(since)
    new = [run for run in runs if datetime.fromisoformat(run.started_at) >= begin]
    worked = [run for run in new if any(step.status == "success" for step in run.steps)]
    failed = [run for run in new if run.status in ("failed", "died")]
    facts = [
        ("runs", f"{len(new)}, of which {len(failed)} failed"),
        ("records landed", count(sum(step.rows_out or 0 for step in _steps(new, "ingest")))),
        ("published", _published(runs)),
    ]
    known = names_in(runs[0]) if runs else set()
    troubles = [
        f"{name} fails since {moment(trouble.since)}: {clean(trouble.message, names=known)}"
        for name, trouble in told.troubles.items()
    ]
    if new:
        facts.append(("newest record", _newest_record(new[0])))
    newest = worked[0] if worked else None
    return Notice(
        tone="bad" if told.troubles else "plain",
        title=f"Medley: {len(new)} runs, {len(failed)} failed",
        lead=f"Since {moment(since)}.",
        reason="; ".join(troubles),
        facts=facts,
        figures=rows(newest, runs[runs.index(newest) + 1 :]) if newest else [],
        link=f"{runs_url}/{new[0].run_id}/report.html" if runs_url and new else None,
    )


def _steps(runs: Sequence[Run], name: str) -> list[Step]:
    return [step for run in runs if (step := run.step(name))]


def _published(runs: Sequence[Run]) -> str:
    newest = next((step for step in _steps(runs, "publish") if step.publication), None)
    return moment(newest.publication.published_at if newest and newest.publication else None)


def _newest_record(run: Run) -> str:
    gold = next((layer for layer in run.freshness if layer.layer == "gold"), None)
    return f"{moment(gold.data_at)} in gold" if gold and gold.data_at else "not known"
