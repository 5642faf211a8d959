"""What is news: a failure at once, a recovery, a warning, what else is wanted; never twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from pipeline.notices.told import Told, Trouble
from pipeline.record import Run

# A failure that repeats itself (a scheduler's retries) is told again only after this time.
QUIET = timedelta(hours=6)
BAD = ("failed", "died")
WHOLE_RUN = "run"


@dataclass(frozen=True)
class News:
    """Something to tell of a run: its kind, the step in question, and the trouble that is over."""

    kind: str
    run: Run
    step: str = WHOLE_RUN
    reason: str = ""
    trouble: Trouble | None = None


def news_of(runs: Sequence[Run], told: Told) -> tuple[list[News], Told]:
    """What is new in ended runs, oldest first, to someone who was told so far.

    Returns the news, and what will have been told once they are.
    """
    told = msgspec.structs.replace(told, troubles=dict(told.troubles))
    news: list[News] = []
    for run in runs:
        news += _recoveries(run, told.troubles)
        if run.status in BAD:
            news += _failure(run, told.troubles)
        news += [
            News("warning", run, step.name, step.warning) for step in run.steps if step.warning
        ]
        if run.status not in BAD and any(step.status == "success" for step in run.steps):
            news.append(News("success", run))
        told.run_id = run.run_id
    over = {item.trouble.run_id for item in news if item.kind == "recovery" and item.trouble}
    unsaid = [item for item in news if not (item.kind == "failure" and item.run.run_id in over)]
    return unsaid, told


def _recoveries(run: Run, troubles: dict[str, Trouble]) -> list[News]:
    well = {step.name for step in run.steps if step.status in ("success", "skipped")}
    if run.status == "success":
        well.add(WHOLE_RUN)
    over = [name for name in troubles if name in well]
    return [News("recovery", run, name, trouble=troubles.pop(name)) for name in over]


def _failure(run: Run, troubles: dict[str, Trouble]) -> list[News]:
    step = next((step for step in run.steps if step.status in BAD), None)
    name = step.name if step else WHOLE_RUN
    reason = (step and step.message) or run.message or "no reason was recorded"
    if reason == KeyboardInterrupt.__name__:  # whoever pressed Ctrl-C knows
        return []
    ended = run.ended_at or run.started_at
    known = troubles.get(name)
    repeats = known is not None and known.message == reason and _soon(known.told_at, ended)
    troubles[name] = Trouble(
        since=known.since if known else run.started_at,
        run_id=run.run_id,
        message=reason,
        told_at=known.told_at if known and repeats else ended,
    )
    return [] if repeats else [News("failure", run, name, reason)]


def _soon(told_at: str, ended: str) -> bool:
    return datetime.fromisoformat(ended) - datetime.fromisoformat(told_at) < QUIET
