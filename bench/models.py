"""Medley's models against their floor and against dbt-duckdb, at several sizes.

Each build is a process of its own on the same landed files. Start it in the project's folder, as a
module: `python -m bench.models --help`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds
from rich.console import Console
from rich.table import Table

from bench import bronze
from bench.figures import Figure

DUCKDB = Path(__file__).parent / "duckdb"
DUCKDB_PYTHON = Path(".venv-bench/bin/python")
WITHOUT_RECOMMENDER = ["--exclude", "tag:recommender"]
DATA_TESTS = ["test", *WITHOUT_RECOMMENDER, "test_type:unit"]
TO_THE_FACT = ["run", "--select", "+fct_listen_history"]
SLOWEST = 12  # rows of the table by model
Findings = dict[str, Any]


class BuildFailedError(RuntimeError):
    """A build ended with an error; the message has the end of what it said."""


class DifferentTablesError(AssertionError):
    """Builds of the same files have other rows, so their times say nothing."""


class Size:
    """One size: its landed files, and the builds on them."""

    def __init__(self, folder: Path, listens: int, options: argparse.Namespace) -> None:
        self.folder, self.listens, self.options = folder / str(listens), listens, options
        self.lake = self.folder / "lake"
        shutil.rmtree(self.folder, ignore_errors=True)
        bronze.write(self.lake, listens)

    def medley(self, words: list[str]) -> Findings:
        """A dbt command on Medley's models."""
        return self._child("bench.build_medley", self.folder, words, threads="threads")

    def floor(self) -> Findings:
        """The floor of the last build of Medley's."""
        tables = self.folder / "floor"
        shutil.rmtree(tables, ignore_errors=True)
        plan = self.folder / "bench.build_medley.json"
        threads = ["--threads", str(self.options.threads)]
        command = [sys.executable, "-m", "bench.build_floor", plan, self.lake, tables]
        found = self._run("bench.build_floor", command, threads)
        return found | {"plays": plays(tables / "gold.db")}

    def duckdb(self, words: list[str]) -> Findings:
        """A dbt command on the models in DuckDB's SQL."""
        return self._child("bench.build_duckdb", self.folder, words, python=DUCKDB_PYTHON)
