"""A build that broke off is gone on with: what was done stays, the rest is made."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pipeline.past import done_before
from pipeline.record import Node, Run, Step
from pipeline.run import StepFailedError, run_steps
from pipeline.screen import Screen
from pipeline.settings import Settings


def build(lake: Path, **options: object) -> Run:
    screen = Screen(Console(file=io.StringIO()))
    return run_steps(("build",), settings=Settings(lake=lake), screen=screen, job_options=options)


def versions(lake: Path) -> dict[str, str]:
    """Which version each table of silver and gold is at."""
    links = [link for layer in ("silver", "gold") for link in (lake / layer).iterdir()]
    return {link.name: link.resolve().name for link in links if link.is_symlink()}


def test_a_build_that_broke_off_is_gone_on_with(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Run.save

    def full_disk(run: Run) -> None:
        if run.steps and len(run.steps[0].nodes) > 60 and run.steps[0].status == "running":
            raise OSError(28, "No space left on device")
        save(run)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "save", full_disk)
        with pytest.raises(StepFailedError, match="No space left"):
            build(built, forced=True)
    between = versions(built)
    run = build(built)
    [step] = run.steps
    kept = {node.name: node for node in step.nodes if node.made_in}
    assert run.resumes
    assert step.status == "success"
    assert step.message == f"goes on after {len(kept)} nodes of run {run.resumes}"
    assert {node.made_in for node in kept.values()} == {run.resumes}
    after = versions(built)
    models = {node.name for node in step.nodes if node.kind == "model" and node.files}
    done = models & set(kept)
    made = models - set(kept)
    assert done
    assert made
    assert {name: after[name] for name in done} == {name: between[name] for name in done}
    assert [name for name in made if after[name] == between[name]] == []
    names = [node.name for node in step.nodes]
    assert len(names) == len(set(names))
    assert {"fct_listen_history", "every_silver_listen_is_in_the_fact"} <= set(names)


@pytest.fixture
def broken(tmp_path: Path) -> tuple[Path, Step]:
    """A lake whose last run died within a build, and the step of the next."""
    run = Run.begin(tmp_path / "runs")
    (tmp_path / "gold" / "dim_user").mkdir(parents=True)
    facts: dict[str, Any] = {"kind": "model", "layer": "gold"}
    nodes = [
        Node(name="dim_user", status="success", files=1, **facts),
        Node(name="dim_track", status="success", files=1, **facts),
        Node(name="dim_date", status="error", **facts),
        Node(name="a_test", kind="test", status="pass"),
    ]
    run.steps.append(Step(name="build", inputs="abc", status="died", nodes=nodes))
    run.end("died")
    return tmp_path, Step(name="build", inputs="abc")


def names(lake: Path, step: Step) -> list[str]:
    return [node.name for node in done_before(lake / "runs", step, lake=lake)]


def test_what_is_done_is_what_succeeded_and_is_there(broken: tuple[Path, Step]) -> None:
    assert names(*broken) == ["dim_user", "a_test"]


def test_other_inputs_are_other_work(broken: tuple[Path, Step]) -> None:
    lake, _ = broken
    assert names(lake, Step(name="build", inputs="def")) == []
    assert names(lake, Step(name="train", inputs="abc")) == []


def test_a_success_since_ends_it(broken: tuple[Path, Step]) -> None:
    lake, step = broken
    run = Run.begin(lake / "runs")
    run.steps.append(Step(name="build", inputs="abc", status="success"))
    run.end("success")
    assert names(lake, step) == []
