"""dbt inside the pipeline: what a run learns from it, and what it says when a model fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from dbt.adapters.sparksession.events import log_to

from pipeline.dbt import DbtFailedError, invoke
from pipeline.settings import Settings
from tests.conftest import ROOT

PARTS = ("models", "macros", "seeds", "profiles", "tests/data")


@pytest.fixture
def settings(tmp_path: Path, built: Path) -> Settings:
    """A copy of the project that a test may break, on the dirty lake."""
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "dbt_project.yml", tmp_path)
    return Settings(lake=built, project=tmp_path)


def test_every_node_is_told_with_its_rows_and_seconds(settings: Settings) -> None:
    told: list[tuple[str, int, int]] = []
    nodes = invoke(
        ["build", "-s", "dim_genre"],
        settings=settings,
        results=settings.project / "results.json",
        progress=lambda *said: told.append(said),
    )
    (model,) = [node for node in nodes if node.kind == "model"]
    assert (model.name, model.layer, model.status) == ("dim_genre", "gold", "success")
    assert model.rows > 10
    assert model.seconds > 0
    assert [said[0] for said in told if said[0] == "dim_genre"] == ["dim_genre"]
    assert {said[2] for said in told} == {len(told)}
    assert (settings.project / "results.json").exists()


def test_a_broken_contract_is_one_line_and_the_table_stays(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    model = settings.project / "models" / "gold" / "dim_genre.sql"
    model.write_text(model.read_text().replace("'Unknown' as", "cast(null as string) as"))
    with pytest.raises(DbtFailedError) as error:
        invoke(["run", "-s", "dim_genre"], settings=settings)
    assert str(error.value).startswith("dim_genre: gold.dim_genre breaks its contract")
    assert "1 rows are not `genre_name is not null`" in str(error.value)
    assert "\n" not in str(error.value)
    assert capfd.readouterr().out == ""


def break_worker(model: Path) -> None:
    """Let a Python model fail where its rows are made, in a worker."""
    broken = "served = served.mapInArrow(lambda rows: (nothing for _ in rows), served.schema)"
    text = model.read_text()
    assert text.count("    return ") == 1
    model.write_text(text.replace("    return ", f"    {broken}\n    return "))


def test_an_exception_in_a_python_worker_is_told_in_a_line_and_logged_whole(
    settings: Settings,
) -> None:
    log = settings.project / "spark.jsonl"
    log_to(log, trace_id="run-1")
    break_worker(settings.project / "models" / "gold" / "recommender" / "als_scores.py")
    with pytest.raises(DbtFailedError) as error:
        invoke(["run", "-s", "als_scores"], settings=settings)
    log_to(settings.project / "later.jsonl", trace_id="run-2")
    assert "NameError: name 'nothing' is not defined" in str(error.value)
    assert "Traceback" not in str(error.value)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert all({"@timestamp", "log.level", "message", "ecs.version"} <= set(one) for one in events)
    assert {one["trace"]["id"] for one in events} == {"run-1"}
    assert {one["event"]["dataset"] for one in events} == {"spark"}
    failed = [one for one in events if "stack_trace" in one.get("error", {})]
    assert failed
    # Threads of Spark's that serve all queries, such as the scheduler's, know no node.
    assert {one["dbt"]["node"] for one in failed if "dbt" in one} == {"als_scores"}
    assert "NameError" in failed[0]["error"]["stack_trace"]
    assert {one["log.level"] for one in events} <= {"warn", "error"}


def test_a_project_that_does_not_parse_is_told(settings: Settings) -> None:
    (settings.project / "models" / "gold" / "broken.sql").write_text("select {{ oops")
    with pytest.raises(DbtFailedError, match="broken"):
        invoke(["parse"], settings=settings)
