"""The step that trains, on a lake that is built: lists of a version, and what it says of a gate."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from pipeline.record import Step
from pipeline.screen import Screen
from pipeline.settings import Settings
from pipeline.steps import Job, train_step
from pipeline.versions import kept, listed


def test_lists_of_a_version_are_made_without_a_training(built: Path, tmp_path: Path) -> None:
    version, *_ = kept(built)
    factors = (built / "gold" / "als_factors").resolve()
    lists = (built / "gold" / "recommendations").resolve()
    step = Step(name="train")
    train_step(Job(settings=Settings(lake=built), artifacts=tmp_path, model_version=version), step)
    assert step.message == f"lists of {version}"
    assert step.warning is None
    assert listed(built) == version
    assert (built / "gold" / "recommendations").resolve() != lists
    assert (built / "gold" / "als_factors").resolve() == factors
    made = {node.name for node in step.nodes if node.kind == "model"}
    assert {"als_input", "als_scores", "recommendations", "similar_tracks"} <= made
    assert not {"als_factors", "evaluation_scores", "model_versions"} & made


def test_a_warning_has_a_line_of_its_own() -> None:
    said = io.StringIO()
    step = Step(name="train", warning="als-2 is not served")
    step.end("success")
    Screen(Console(file=said)).ended(step)
    assert said.getvalue().splitlines()[1:] == ["! als-2 is not served"]
