"""Listens grow by batch, and are what a full refresh makes of all batches."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.conftest import Command

SEEDS = ("1", "2")


def test_any_sequence_of_increments_gives_the_rows_of_a_full_refresh(
    tmp_path: Path, command: Command
) -> None:
    words = (sys.executable, "-m", "tests.project.increments", *SEEDS)
    compared = command(*words, lake=tmp_path / "lake")
    assert compared.returncode == 0, compared.stderr[-2000:]
    outcomes = [json.loads(line) for line in compared.stdout.splitlines()]
    assert [outcome["seed"] for outcome in outcomes] == list(SEEDS)
    for outcome in outcomes:
        assert outcome["differing"] == {}
        assert all(count > 20 for count in outcome["rows"].values())
