"""dbt, run in this process, so that all steps share one Spark session."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipeline.record import NODE_DONE, Node
from pipeline.settings import Settings
from pipeline.tables import extent_of

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
OnNode = Callable[[Node], None]
RESULTS = ("LogModelResult", "LogTestResult", "LogSeedResult")
QUIET = ("success", "pass")
NOT_TOLD = ("operation", "exposure")
KEPT_AS_TABLES = ("table", "incremental", "seed", "snapshot")
FAILED = ("error", "fail", "runtime error")
LEVELS = {"debug": 10, "info": 20, "warn": 30, "error": 40}


class DbtFailedError(RuntimeError):
    """A dbt command did not succeed; the message names the first node that failed."""

    def __init__(self, message: str, nodes: list[Node] | None = None) -> None:
        super().__init__(message)
        self.nodes = nodes or []


def invoke(
    arguments: list[str],
    *,
    settings: Settings,
    results: Path | None = None,
    progress: Progress | None = None,
    on_node: OnNode | None = None,
) -> list[Node]:
    """Run a dbt command; returns what became of each node.

    Args:
        arguments: as after `dbt` on the command line.
        settings: where the project and the lake are.
        results: file to which dbt's run results are copied.
        progress: told the node, how many are done and how many there are.
        on_node: given each node as it ends; called from dbt's threads.

    Raises:
        DbtFailedError: the command failed, or a node did; `nodes` tells of each.
    """
    outcome = _invoke(arguments, settings, [_listener(progress), _reporter(on_node, settings.lake)])
    written = settings.project / "target" / "run_results.json"
    if results and written.exists():
        shutil.copyfile(written, results)
    if outcome.exception:
        raise DbtFailedError(_one_line(str(outcome.exception)))
    results_of = getattr(outcome.result, "results", [])
    nodes = [_entry(result, settings.lake) for result in results_of if hasattr(result, "node")]
    nodes = [node for node in nodes if node.kind not in NOT_TOLD or node.status in FAILED]
    failed = [node for node in nodes if node.status in FAILED]
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise DbtFailedError(f"{failed[0].name}: {failed[0].message}{more}", nodes)
    if not outcome.success:
        raise DbtFailedError(f"dbt {arguments[0]} did not succeed", nodes)
    return nodes


def listed(selection: Sequence[str], *, settings: Settings) -> list[str]:
    """The names of the models, seeds and tests that a selection means.

    Raises:
        DbtFailedError: the project cannot be parsed, or there is no such selection.
    """
    kinds = ["--exclude-resource-types", "unit_test", "exposure", "source"]
    form = ["--output", "json", "--output-keys", "name"]  # plain, it would be name.v1
    outcome = _invoke(["ls", *form, *kinds, *selection], settings, [])
    if not outcome.success:
        raise DbtFailedError(_one_line(str(outcome.exception or "dbt ls did not succeed")))
    return [json.loads(line)["name"] for line in outcome.result]


def _invoke(arguments: list[str], settings: Settings, callbacks: list[Any]) -> Any:
    from dbt.cli.main import dbtRunner

    os.environ["MEDLEY_LAKE"] = str(settings.lake)
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
    return dbtRunner(callbacks=callbacks).invoke([*quiet, *arguments, *places])


def _entry(result: Any, lake: Path) -> Node:
    node = result.node
    config = getattr(node, "config", None)
    said = _without_headline(result.message or "")
    entry = Node(
        name=node.name,
        kind=str(node.resource_type),
        status=str(result.status),
        layer=getattr(node, "schema", None),
        materialized=getattr(config, "materialized", None),
        seconds=round(getattr(result, "execution_time", 0.0), 3),
        failures=getattr(result, "failures", None),
        message=_one_line(said) if str(result.status) not in QUIET else None,
    )
    response = getattr(result, "adapter_response", None) or {}
    return _measured(entry, lake, rows=response.get("rows_affected"))


def _measured(entry: Node, lake: Path, *, rows: int | None) -> Node:
    """Add what its table takes; dbt-spark gives no rows, and no adapter gives bytes."""
    if entry.materialized in KEPT_AS_TABLES and entry.status in NODE_DONE:
        extent = extent_of(lake / (entry.layer or "") / entry.name)
        entry.rows = extent.rows if extent else rows
        if extent:
            entry.bytes, entry.files = extent.bytes, extent.files
    return entry


def _reporter(on_node: OnNode | None, lake: Path) -> Callable[[Any], None]:
    def report(event: Any) -> None:
        if on_node and event.info.name == "NodeFinished":
            info, result = event.data.node_info, event.data.run_result
            if info.resource_type in NOT_TOLD:
                return
            entry = Node(
                name=info.node_name,
                kind=info.resource_type,
                status=info.node_status,
                layer=info.node_relation.schema or None,
                materialized=info.materialized or None,
                seconds=round(result.execution_time, 3),
                message=_one_line(result.message) if info.node_status not in QUIET else None,
            )
            on_node(_measured(entry, lake, rows=None))

    return report


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
