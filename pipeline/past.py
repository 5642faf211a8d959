"""What a run owes to those before it: the dead are marked, and their work is gone on with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipeline.record import FILE, Run, past_runs


def bury(runs: Path) -> None:
    """Mark the runs that ended without a word; the lake's lock says that none is alive."""
    for run in past_runs(runs):
        if run.status == "running":
            last_sign = _last_sign(run)
            run.message = f"the process {run.pid} died"
            for step in run.steps:
                if step.status == "running":
                    step.message = run.message
                    step.end("died", at=last_sign)
            run.end("died", at=last_sign)


def _last_sign(run: Run) -> datetime:
    """When the run last wrote to its log or its record: it died thereafter."""
    files = [path for path in (run.log, run.folder / FILE) if path.exists()]
    return datetime.fromtimestamp(max(path.stat().st_mtime for path in files), UTC)


def resumed(runs: Path) -> str | None:
    """The run before, if it failed or died: what it finished is not done again."""
    before = next(past_runs(runs), None)
    return before.run_id if before and before.status in ("failed", "died") else None
