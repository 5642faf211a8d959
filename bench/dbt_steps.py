"""dbt commands run in this process and timed; for Medley's build and for dbt-duckdb's alike."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest


class DbtBrokeError(RuntimeError):
    """A command failed; the message names the nodes."""


@dataclass(frozen=True)
class Project:
    """Where a project is, and where what dbt writes goes."""

    folder: Path
    profiles: Path
    target: Path

    def parse(self) -> tuple[float, Manifest]:
        """Seconds of `dbt parse`, and what it makes."""
        return self._invoke(["parse"], None)

    def run(self, words: list[str], manifest: Manifest) -> tuple[float, list[Any]]:
        """Seconds of a command on a parsed project, and its results by node."""
        seconds, result = self._invoke(words, manifest)
        return seconds, list(result.results)

    def _invoke(self, words: list[str], manifest: Manifest | None) -> tuple[float, Any]:
        quiet = ["--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
        places = ["--project-dir", self.folder, "--profiles-dir", self.profiles]
        places += ["--target-path", self.target]
        started = time.perf_counter()
        outcome = dbtRunner(manifest=manifest).invoke([*quiet, *words, *map(str, places)])
        seconds = time.perf_counter() - started
        if not outcome.success:
            nodes = getattr(outcome.result, "results", [])
            failed = [f"{node.node.name}: {node.message}" for node in nodes if _failed(node)]
            raise DbtBrokeError(f"dbt {words[0]}: {outcome.exception or '; '.join(failed)}")
        return seconds, outcome.result


def _failed(node: Any) -> bool:
    return str(node.status) in ("error", "fail", "runtime error")


def seconds_of(results: list[Any]) -> dict[str, float]:
    """By name, what dbt says that each node took; several run at once."""
    return {result.node.name: result.execution_time for result in results}


def write(place: str, findings: dict[str, Any]) -> None:
    """Hand findings to the process that asked for them."""
    Path(place).write_text(json.dumps(findings))
