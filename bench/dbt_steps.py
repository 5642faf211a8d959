"""dbt commands run in this process and timed; for Medley's build and for dbt-duckdb's alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from bench.clock import Cost, clocked


class DbtBrokeError(RuntimeError):
    """A command failed; the message names the nodes."""


@dataclass(frozen=True)
class Project:
    """Where a project is, and where what dbt writes goes."""

    folder: Path
    profiles: Path
    target: Path

    def parse(self) -> tuple[Cost, Manifest]:
        """Cost of `dbt parse`, and what it makes."""
        return self._invoke(["parse"], None)

    def run(self, words: list[str], manifest: Manifest) -> tuple[Cost, list[Any]]:
        """Cost of a command on a parsed project, and its results by node."""
        cost, result = self._invoke(words, manifest)
        return cost, list(result.results)

    def _invoke(self, words: list[str], manifest: Manifest | None) -> tuple[Cost, Any]:
        quiet = ["--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
        places = ["--project-dir", self.folder, "--profiles-dir", self.profiles]
        places += ["--target-path", self.target]
        with clocked() as cost:
            outcome = dbtRunner(manifest=manifest).invoke([*quiet, *words, *map(str, places)])
        if not outcome.success:
            nodes = getattr(outcome.result, "results", [])
            failed = [f"{node.node.name}: {node.message}" for node in nodes if _failed(node)]
            raise DbtBrokeError(f"dbt {words[0]}: {outcome.exception or '; '.join(failed)}")
        return cost, outcome.result


def _failed(node: Any) -> bool:
    return str(node.status) in ("error", "fail", "runtime error")


def found(parse: Cost, seeds: Cost, cost: Cost, results: list[Any]) -> dict[str, Any]:
    """The findings of a build: costs, and seconds of each node (several run at once)."""
    nodes = {result.node.name: result.execution_time for result in results}
    return {"parse": parse.seconds, "seeds": seeds.seconds, "nodes": nodes, **asdict(cost)}
