"""What a run owes to those before it: the dead are marked, and their work is gone on with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipeline.record import FILE, NODE_DONE, Node, Run, Step, past_runs


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


def done_before(runs: Path, step: Step, *, lake: Path) -> list[Node]:
    """What an earlier run of the same step finished before it failed or died.

    Only the run before counts, only if it worked on the same inputs, and of its nodes only those
    whose table is there. Each says in `made_in` which run made it.
    """
    for run in past_runs(runs):
        before = run.step(step.name)
        if before is None or before.status == "running":  # the run itself
            continue
        if before.status not in ("failed", "died") or before.inputs != step.inputs:
            return []
        done = [node for node in before.nodes if node.status in NODE_DONE]
        for node in done:
            node.made_in = node.made_in or run.run_id
        return [node for node in done if node.files is None or _is_there(node, lake)]
    return []


def _is_there(node: Node, lake: Path) -> bool:
    return (lake / (node.layer or "") / node.name).is_dir()
