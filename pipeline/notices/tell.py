"""Tell what is new of the runs of a lake; nothing here can fail a run, or hold one up for long."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import islice

import msgspec

from pipeline.notices import digest, news, told
from pipeline.notices.notice import Notice, notice_of
from pipeline.notices.settings import NoticeSettings
from pipeline.record import Run, now, past_runs
from pipeline.settings import Settings

RUNS_READ = 200
LONGEST_SECONDS = 30.0


def tell(settings: Settings, notices: NoticeSettings, *, digest_now: bool = False) -> list[str]:
    """Send what is wanted and has not been told; returns a line per receiver not reached.

    What reached nobody is told again the next time. All in all it takes LONGEST_SECONDS at most.
    """
    if not notices.urls:
        return []
    runs = [it for it in islice(past_runs(settings.runs), RUNS_READ) if it.status != "running"]
    known = told.read(settings.runs)
    new = [run for run in runs if known.run_id is None or run.run_id > known.run_id]
    if known.run_id is None:
        new = new[:1]
    found, after = news.news_of(list(reversed(new)), known)
    wanted = [item for item in found if item.kind in notices.wanted]
    messages = [
        notice_of(item, _before(runs, item.run), runs_url=notices.runs_url) for item in wanted
    ]
    if "digest" in notices.wanted or digest_now:
        at = now()
        if digest_now or digest.is_due(known, at):
            messages.append(digest.digest(runs, after, now=at, runs_url=notices.runs_url))
        if digest_now or known.digest_at is None or digest.is_due(known, at):
            after = msgspec.structs.replace(after, digest_at=at.isoformat())
    outcome = deliver(messages, receivers=len(notices.urls)) if messages else []
    if after != known and (not messages or None in outcome):
        told.write(settings.runs, after)
    return [reason for reason in outcome if reason is not None]


def deliver(
    messages: Sequence[Notice], *, receivers: int, patience: float = LONGEST_SECONDS
) -> list[str | None]:
    """Send notices from a process of its own; for each receiver None, or why it was not reached."""
    words = [sys.executable, "-m", "pipeline.notices.send"]
    try:
        said = subprocess.run(  # noqa: S603 - this Python, a module of ours
            words,
            input=msgspec.json.encode(messages),
            capture_output=True,
            timeout=patience,
            check=True,
        )
        outcome: list[str | None] = json.loads(said.stdout)
    except subprocess.TimeoutExpired:
        return [f"the sender did not end within {patience:.0f} s"] * receivers
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        return [f"the sender failed ({type(error).__name__})"] * receivers
    return outcome


def _before(runs: list[Run], run: Run) -> list[Run]:
    return [other for other in runs if other.run_id < run.run_id]
