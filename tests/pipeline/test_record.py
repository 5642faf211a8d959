"""The record of a run: it keeps to its schema, tells what happened, and outlives its versions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pipeline.record import Record, Run, past_runs, read_run
from pipeline.schema import PLACE, text
from tests.conftest import ROOT, Command, Replay
from tests.lake import count, rows

OLD = {
    "run_id": "20261101T031700000000Z",
    "pid": 4242,
    "status": "failed",
    "started_at": "2026-11-01T03:17:00+00:00",
    "ended_at": "2026-11-01T03:18:00+00:00",
    "steps": [
        {
            "name": "build",
            "status": "failed",
            "started_at": "2026-11-01T03:17:00+00:00",
            "ended_at": "2026-11-01T03:18:00+00:00",
            "seconds": 60.0,
            "rows_in": None,
            "rows_out": 12,
            "rows_rejected": None,
            "peak_memory_bytes": 2**30,
            "message": "the process 4242 died",
            "details": [{"name": "dim_user", "rows": 12}],
        }
    ],
}


@pytest.fixture(scope="module")
def kept(replay: Replay) -> dict[str, Any]:
    """The record of a whole run, as anyone would read it."""
    loaded: dict[str, Any] = json.loads((replay.runs[0] / "run.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def steps(kept: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in kept["steps"]}


def test_the_schema_is_that_of_the_types() -> None:
    assert PLACE.read_text() == text(), "run `python -m pipeline.schema`"


def test_every_record_keeps_to_the_schema(replay: Replay) -> None:
    schema = json.loads(PLACE.read_text())
    judge = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for run in replay.runs:
        judge.validate(json.loads((run / "run.json").read_text()))
    with pytest.raises(jsonschema.ValidationError):
        judge.validate({"run_id": "x"})


def test_every_field_is_in_the_manual_and_every_record_has_all() -> None:
    manual = (ROOT / "docs" / "run-record.md").read_text()
    kinds = json.loads(PLACE.read_text())["$defs"]
    assert set(kinds) >= {"Record", "Step", "Endpoint", "Node", "Quality", "Publication"}
    fields = {field for kind in kinds.values() for field in kind["properties"]}
    assert [field for field in sorted(fields) if f"`{field}`" not in manual] == []


def test_it_says_what_ran_how_long_and_with_what(kept: dict[str, Any]) -> None:
    assert kept["status"] == "success"
    assert kept["schema_version"] == 2
    assert kept["target"] == "local"
    assert kept["seconds"] > kept["steps"][0]["seconds"] > 0
    assert kept["peak_memory_bytes"] == max(step["peak_memory_bytes"] for step in kept["steps"])
    assert [step["status"] for step in kept["steps"]] == ["success"] * 5


def test_memory_and_cpu_are_those_of_the_jvm_too(steps: dict[str, dict[str, Any]]) -> None:
    assert steps["build"]["peak_memory_bytes"] > 600 * 2**20
    assert steps["build"]["cpu_seconds"] > 10
    assert steps["build"]["cpu_seconds"] < steps["build"]["seconds"] * 64


def test_ingestion_is_told_by_endpoint(steps: dict[str, dict[str, Any]], replay: Replay) -> None:
    step = steps["ingest"]
    assert {one["name"] for one in step["endpoints"]} == {"tracks", "users", "listen_history"}
    for one in step["endpoints"]:
        assert one["status"] == "landed"
        assert one["rows"] == count(replay.lake, f"bronze/{one['name']}_raw")
        assert one["records"] == one["rows"] + one["rejected"]
        assert one["pages"] == 10
    assert step["rows_out"] == sum(one["rows"] for one in step["endpoints"])
    assert step["bytes"] == sum(one["bytes"] for one in step["endpoints"]) > 100_000


def test_dbt_is_told_by_node(steps: dict[str, dict[str, Any]], replay: Replay) -> None:
    nodes = {node["name"]: node for node in steps["build"]["nodes"]}
    fact = nodes["fct_listen_history"]
    assert (fact["kind"], fact["layer"], fact["status"]) == ("model", "gold", "success")
    assert fact["rows"] == count(replay.lake, "gold/fct_listen_history")
    files = list((replay.lake / "gold" / "fct_listen_history").resolve().rglob("*.parquet"))
    assert fact["files"] == len(files)
    assert fact["bytes"] == sum(file.stat().st_size for file in files)
    assert nodes["tracks_raw"]["rows"] is None  # a view has none of its own
    assert {node["status"] for node in nodes.values()} <= {"success", "pass", "warn"}
    assert any(node["kind"] == "test" for node in nodes.values())
    assert steps["build"]["rows_out"] == sum(
        node["rows"] or 0 for node in nodes.values() if node["kind"] == "model"
    )


def test_rejects_are_told_by_reason(steps: dict[str, dict[str, Any]], replay: Replay) -> None:
    told = sum(reject["records"] for reject in steps["build"]["rejects"])
    assert told == steps["build"]["rows_rejected"]
    assert told == count(replay.lake, "silver/rejected_records")


def test_training_tells_how_good_the_model_is(steps: dict[str, dict[str, Any]]) -> None:
    told = {(one["recommender"], one["metric"]): one for one in steps["train"]["quality"]}
    assert 0 < told["model", "ndcg"]["value"] <= 1
    assert {"model", "popularity"} == {recommender for recommender, _ in told}


def test_publication_tells_its_lag(
    steps: dict[str, dict[str, Any]], kept: dict[str, Any], replay: Replay
) -> None:
    told = steps["publish"]["publication"]
    assert (
        told["rows"] == steps["publish"]["rows_out"] == count(replay.lake, "gold/recommendations")
    )
    assert told["landed_at"] <= told["generated_at"] <= told["published_at"]
    assert 0 < told["lag_seconds"] < kept["seconds"]


def test_freshness_goes_from_bronze_to_serving(kept: dict[str, Any], replay: Replay) -> None:
    layers = {one["layer"]: one for one in kept["freshness"]}
    assert list(layers) == ["bronze", "silver", "gold", "recommendations", "serving"]
    assert len({one["landed_at"] for one in layers.values()}) == 1
    assert len({layers[name]["data_at"] for name in list(layers)[1:]}) == 1
    heard = max(row["listened_at"] for row in rows(replay.lake, "gold/fct_listen_history"))
    assert layers["gold"]["data_at"][:19] == heard.isoformat()[:19]
    written = [one["written_at"] for one in layers.values()]
    assert written == sorted(written)


def test_the_disk_is_as_large_as_can_be_used_of_it(kept: dict[str, Any], replay: Replay) -> None:
    words = ("df", "--block-size=1", "--output=used,avail", str(replay.lake))
    said = subprocess.run(words, capture_output=True, text=True, check=True)
    used, free = map(int, said.stdout.splitlines()[-1].split())
    assert kept["disk_total_bytes"] == pytest.approx(used + free, rel=0.05)
    assert kept["disk_free_bytes"] <= kept["disk_total_bytes"]


def test_a_second_run_with_nothing_new_leaves_freshness_as_it_was(replay: Replay) -> None:
    first, second = (read_run(folder) for folder in replay.runs[:2])
    assert second.freshness == first.freshness
    assert second.resumes is None


def test_a_record_of_an_older_medley_can_be_read(tmp_path: Path, command: Command) -> None:
    folder = tmp_path / "runs" / str(OLD["run_id"])
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(OLD))
    run = read_run(folder)
    assert (run.schema_version, run.status, run.steps[0].rows_out) == (1, "failed", 12)
    said = command("medley", "runs", lake=tmp_path)
    assert str(OLD["run_id"]) in said.stdout


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"run_id": "20261102T000000000000Z"}'])
def test_what_is_no_record_is_passed_over_with_a_word(
    tmp_path: Path, torn: str, caplog: pytest.LogCaptureFixture
) -> None:
    good = Run.begin(tmp_path)
    folder = tmp_path / "20991231T000000000000Z"
    folder.mkdir()
    (folder / "run.json").write_text(torn)
    assert [run.run_id for run in past_runs(tmp_path)] == [good.run_id]
    assert "is passed over" in caplog.text


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    run = Run.begin(tmp_path, lake="/lake")
    run.end("success")
    again = read_run(run.folder)
    assert again == run
    assert set(json.loads((run.folder / "run.json").read_text())) == set(Record.__struct_fields__)
