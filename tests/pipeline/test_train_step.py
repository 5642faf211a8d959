"""The step that trains, on a lake that is built: lists of a version, and what it says of a gate."""

from __future__ import annotations

import io
from pathlib import Path

from click.testing import CliRunner
from rich.console import Console

from pipeline.__main__ import main
from pipeline.record import Step, read_run
from pipeline.screen import Screen
from pipeline.versions import kept, listed
from publish.reader import generation
from publish.service import publish


def test_a_kept_version_is_served_again_with_lists_of_today(built: Path, tmp_path: Path) -> None:
    """`medley publish --version`: no training, new lists of the version, and these are served."""
    to = f"sqlite:///{tmp_path / 'medley.db'}"
    publish(lake=built, url=to)
    before = generation(to)
    version, *_ = kept(built)
    factors = (built / "gold" / "als_factors").resolve()
    lists = (built / "gold" / "recommendations").resolve()

    words = ["publish", "--version", version, "--lake", str(built), "--to", to]
    done = CliRunner().invoke(main, words)

    assert done.exit_code == 0, done.output
    newest = max((built / "runs").glob("*/run.json"))
    step, _ = read_run(newest.parent).steps
    assert (step.message, step.warning) == (f"lists of {version}", None)
    assert listed(built) == version
    assert (built / "gold" / "recommendations").resolve() != lists
    assert (built / "gold" / "als_factors").resolve() == factors
    made = {node.name for node in step.nodes if node.kind == "model"}
    assert {"als_input", "als_scores", "recommendations", "similar_tracks"} <= made
    assert not {"als_factors", "evaluation_scores", "model_versions"} & made
    served = generation(to)
    assert (served.generation, served.model_version) == (2, version)
    assert served.generated_at > before.generated_at


def test_a_warning_has_a_line_of_its_own() -> None:
    said = io.StringIO()
    step = Step(name="train", warning="als-2 is not served")
    step.end("success")
    Screen(Console(file=said)).ended(step)
    assert said.getvalue().splitlines()[1:] == ["! als-2 is not served"]
