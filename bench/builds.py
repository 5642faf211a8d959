"""One size of landed files and the builds on them, each in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds

from bench import bronze

DUCKDB = Path(__file__).parent / "duckdb"
DUCKDB_PYTHON = ".venv-bench/bin/python"
Findings = dict[str, Any]
"""What a build writes: `seconds`, `cpu`, `nodes` (seconds of each), `rows` (of each) and more."""


class BuildFailedError(RuntimeError):
    """A build ended with an error; the message has the end of what it said."""


class DifferentTablesError(AssertionError):
    """Builds of the same files differ in their rows, so their times say nothing."""


@dataclass(frozen=True)
class Lake:
    """Landed files of so many listens, and a folder for what is built from them."""

    folder: Path
    listens: int
    threads: int

    @property
    def path(self) -> Path:
        """Where the lake itself is."""
        return self.folder / "lake"

    def land(self) -> None:
        """Write the files anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        bronze.write(self.path, self.listens)

    def medley(self, *words: str) -> Findings:
        """A dbt command on Medley's models, with as many threads as the floor has."""
        command = " ".join([*words, f"--threads={self.threads}"])
        found = self._run("medley", sys.executable, self.folder, command=command)
        return found | {"plays": plays(self.path / "gold/fct_listen_history")}

    def floor(self) -> Findings:
        """What the last of Medley's builds did, in a bare session."""
        tables = self.folder / "floor"
        shutil.rmtree(tables, ignore_errors=True)
        plan, threads = self.folder / "medley.json", str(self.threads)
        found = self._run("floor", sys.executable, plan, self.path, tables, command=threads)
        return found | {"plays": plays(tables / "gold.db/fct_listen_history")}

    def duckdb(self, *words: str) -> Findings:
        """A dbt command on the models in DuckDB's SQL."""
        return self._run("duckdb", DUCKDB_PYTHON, self.folder, command=" ".join(words))

    def _run(self, name: str, python: str, *places: Path, command: str) -> Findings:
        out = self.folder / f"{name}.json"
        words = [python, "-m", f"bench.build_{name}", *map(str, places), str(out), command]
        environment = os.environ | {"MEDLEY_LAKE": str(self.path)}
        build = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if build.returncode:
            raise BuildFailedError(f"{name}, {self.listens:,} listens: {build.stderr[-2000:]}")
        found: Findings = json.loads(out.read_text())
        return found


def plays(table: Path) -> int:
    """The sum of plays in a fact."""
    columns = ds.dataset(table, format="parquet").to_table(columns=["play_count"])
    return int(pc.sum(columns["play_count"]).as_py())


def models_in_duckdb() -> set[str]:
    """Names of the models that have been translated."""
    return {path.stem for path in DUCKDB.glob("models/**/*.sql")}


def require_same(name: str, one: Findings, other: Findings, models: Sequence[str]) -> None:
    """Raise DifferentTablesError unless tables agree in rows, and facts in plays."""
    pairs = {model: (one["rows"].get(model), other["rows"].get(model)) for model in models}
    pairs["plays"] = (one["plays"], other["plays"])
    different = {
        model: pair for model, pair in pairs.items() if None not in pair and pair[0] != pair[1]
    }
    if different:
        raise DifferentTablesError(f"Medley and {name} differ: {different}")
