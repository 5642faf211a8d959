"""The ways of the recommender's bench, each a process of its own on the same listening."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LARGER = 4  # times as many users at once, to see what memory does
IMPLICIT_PYTHON = ".venv-bench/bin/python"
SAID = 3000  # characters of what a way said before it failed


class WayFailedError(RuntimeError):
    """A way ended with an error; the message has the end of what it said."""


class Ways:
    """Runs ways, with the options they share."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder, self.options = folder, options

    def run(self, module: str, *words: str, name: str, shared: str, python: str) -> dict[str, Any]:
        """Run one; returns what it found.

        Raises:
            WayFailedError: it failed.
        """
        out = self.folder / f"{name}.json"
        values = [(key, str(getattr(self.options, key))) for key in shared.split()]
        more = [word for key, value in values for word in (f"--{key}", value)]
        command = [python, "-m", module, str(self.folder), str(out), *words, *more]
        single = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, env=single, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise WayFailedError(f"{name}: {done.stderr[-SAID:]}")
        return dict(json.loads(out.read_text()))

    def lists(self, of: str) -> dict[str, Any]:
        """Medley's lists and Spark's own."""
        shared = "users tracks rank length rounds cores seed"
        words = ("--of", of, "--larger", str(LARGER))
        return self.run("bench.als_lists", *words, name=of, shared=shared, python=sys.executable)

    def implicit(self, part: str) -> float:
        """Seconds of the `implicit` library."""
        shared = "users tracks rank length iterations cores seed"
        words = ("--part", part)
        name = f"implicit-{part}"
        found = self.run(
            "bench.als_implicit", *words, name=name, shared=shared, python=IMPLICIT_PYTHON
        )
        return float(found["seconds"])

    def fit(self, name: str, *words: str) -> dict[str, Any]:
        """Training by Spark."""
        shared = "rank iterations cores"
        return self.run("bench.als_fit", *words, name=name, shared=shared, python=sys.executable)
