"""dbt, run in this process, so that all steps share one Spark session."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.settings import Settings

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
RESULTS = ("LogModelResult", "LogTestResult", "LogSeedResult")
LEVELS = {"debug": 10, "info": 20, "warn": 30, "error": 40}


class DbtFailedError(RuntimeError):
    """A dbt command did not succeed; the message names the first node that failed."""


def invoke(
    arguments: list[str],
    *,
    settings: Settings,
    results: Path | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Run a dbt command; returns an entry per node: name, layer, kind, status, rows, seconds.

    Args:
        arguments: as after `dbt` on the command line.
        settings: where the project and the lake are.
        results: file to which dbt's run results are copied.
        progress: told the node, how many are done and how many there are.

    Raises:
        DbtFailedError: the command failed, or a node did.
    """
    from dbt.cli.main import dbtRunner

    os.environ["MEDLEY_LAKE"] = str(settings.lake)
    runner = dbtRunner(callbacks=[_listener(progress)])
    places = ["--project-dir", str(settings.project)]
    if "DBT_PROFILES_DIR" not in os.environ:
        places += ["--profiles-dir", str(settings.project / "profiles")]
    quiet = [
        "--log-level",
        "none",
        "--log-level-file",
        "debug",
        "--no-use-colors",
        "--log-path",
        str(settings.project / "logs"),
    ]
    outcome = runner.invoke([*quiet, *arguments, *places])
    written = settings.project / "target" / "run_results.json"
    if results and written.exists():
        shutil.copyfile(written, results)
    if outcome.exception:
        raise DbtFailedError(_one_line(str(outcome.exception)))
    nodes = [_entry(result) for result in getattr(outcome.result, "results", [])]
    failed = [node for node in nodes if node["status"] in ("error", "fail", "runtime error")]
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise DbtFailedError(f"{failed[0]['name']}: {failed[0]['message']}{more}")
    if not outcome.success:
        raise DbtFailedError(f"dbt {arguments[0]} did not succeed")
    return nodes


def _entry(result: Any) -> dict[str, Any]:
    node = getattr(result, "node", None)
    response = getattr(result, "adapter_response", None) or {}
    return {
        "name": getattr(node, "name", "?"),
        "layer": getattr(node, "schema", None),
        "kind": str(getattr(node, "resource_type", "?")),
        "status": str(result.status),
        "rows": response.get("rows_affected"),
        "seconds": round(getattr(result, "execution_time", 0.0), 3),
        "message": _one_line(_without_headline(result.message or "")),
    }


def _listener(progress: Progress | None) -> Callable[[Any], None]:
    def listen(event: Any) -> None:
        level = LEVELS.get(event.info.level, 10)
        info = getattr(event.data, "node_info", None)
        if level >= LEVELS["info"] and event.info.msg.strip():
            node = getattr(info, "node_name", "") or None
            extra = {"event.dataset": "dbt", "event.action": event.info.name, "dbt.node": node}
            logger.log(level, event.info.msg.strip(), extra=extra)
        if progress and info and event.info.name in RESULTS:
            done = event.data
            total = done.num_models if event.info.name == "LogTestResult" else done.total
            progress(info.node_name, done.index, total)

    return listen


def _without_headline(text: str) -> str:
    """Drop the first line of a message of dbt, which says which node of what kind failed."""
    headline, _, rest = text.strip().partition("\n")
    return rest if rest and " Error in " in headline else text


def _one_line(text: str) -> str:
    return " ".join(text.split())[:500]
