"""A lake that was run, and a Prometheus that knows it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.record import past_runs
from pipeline.settings import Settings
from pipeline.telemetry import send
from tests.conftest import Replay
from tests.ops.prometheus import eventually, prometheus, pushgateway

INSTANCE = "night shift"


@dataclass(frozen=True)
class Watched:
    """A copy of the replay's records, whose metrics were pushed, and what answers PromQL."""

    lake: Path
    gateway: str
    ask: Callable[[str], list[dict[str, Any]]]

    def value(self, expression: str) -> float:
        [one] = self.ask(expression)
        return float(one["value"][1])


@pytest.fixture(scope="session")
def watched(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    shutil.copytree(replay.lake / "runs", folder / "lake" / "runs")
    for run in past_runs(folder / "lake" / "runs"):
        # How full this machine's disk is says nothing of Medley.
        run.disk_free_bytes, run.disk_total_bytes = 600_000_000_000, 1_000_000_000_000
        run.save()
    with pushgateway() as gateway, prometheus(folder, gateway) as ask:
        settings = Settings(lake=folder / "lake", pushgateway=gateway, instance=INSTANCE)
        assert send(settings) == []
        eventually(lambda: ask("medley_info"))
        yield Watched(folder / "lake", gateway, ask)
