"""dbt without the `medley` command: what an analyst uses, twice in a row and after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, Command, Dbt, Replay, environment
from tests.lake import count
from tests.project.conftest import Manifest

WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@pytest.mark.parametrize(
    "words",
    [
        ("build", "-s", "silver", *WITHOUT_UNIT_TESTS),
        ("run", "-s", "gold", "--exclude", "tag:recommender"),
        ("test", *WITHOUT_UNIT_TESTS),
    ],
)
def test_dbt_works_twice_in_a_row(built: Path, dbt: Dbt, words: tuple[str, ...]) -> None:
    before = count(built, "gold/fct_listen_history")
    result = dbt(*words)
    assert result.success, result.exception or [node.message for node in result.result]
    assert count(built, "gold/fct_listen_history") == before


def test_dbt_docs_generate_catalogues_every_table(built: Path, dbt: Dbt, tmp_path: Path) -> None:
    result = dbt("docs", "generate", "--static", "--target-path", str(tmp_path))
    assert result.success, result.exception
    catalog = json.loads((tmp_path / "catalog.json").read_text())
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    wanted = {
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    assert set(catalog["nodes"]) == wanted
    assert set(catalog["sources"]) == set(manifest["sources"])
    described = manifest["nodes"]["model.medley.dim_track"]["columns"]
    assert set(catalog["nodes"]["model.medley.dim_track"]["columns"]) == set(described)
    assert "medley" in (tmp_path / "static_index.html").read_text()


def test_dbt_show_previews_a_model(built: Path, dbt: Dbt) -> None:
    result = dbt("show", "-s", "dim_genre", "--limit", "3")
    assert result.success, result.exception
    assert len(result.result.results[0].agate_table.rows) == 3


def test_dbt_source_freshness_measures_the_landing(built: Path, dbt: Dbt) -> None:
    result = dbt("source", "freshness")
    assert result.success, result.exception
    measured = {
        node.node.name: str(node.status)
        for node in result.result.results
        if node.node.resource_type == "source"
    }
    assert measured == {"tracks": "pass", "users": "pass", "listen_history": "pass"}


def test_dbt_recovers_from_a_run_that_was_killed(replay: Replay, command: Command) -> None:
    killed = subprocess.Popen(
        ["dbt", "--no-use-colors", "run", "--exclude", "tag:recommender"],
        cwd=ROOT,
        env=environment(replay.lake),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert killed.stdout
    for line in killed.stdout:
        if "OK created sql table" in line:
            break
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    words = ("dbt", "--no-use-colors", "run", "--exclude", "tag:recommender")
    before = count(replay.lake, "gold/fct_listen_history")
    again = command(*words, lake=replay.lake)
    assert again.returncode == 0, again.stdout
    assert "ERROR=0" in again.stdout
    assert "WARN" not in again.stdout.replace("WARN=0", "")
    assert count(replay.lake, "gold/fct_listen_history") == before


def test_an_unknown_column_is_told_in_dbts_lines_alone(tmp_path: Path, command: Command) -> None:
    query = "select nme from (select 1 as name)"
    said = command("dbt", "--no-use-colors", "show", "--inline", query, lake=tmp_path / "lake")
    assert said.returncode != 0
    assert said.stderr == ""
    assert "UNRESOLVED_COLUMN" in said.stdout
    assert "`nme`" in said.stdout
    assert not [line for line in said.stdout.splitlines() if line.lstrip().startswith("{")]
    assert "stacktrace" not in said.stdout.lower()


def test_a_change_is_built_in_dev_beside_the_tables_of_everybody(
    built: Path, dbt: Dbt, manifest: Manifest, tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    before = (built / "gold" / "dim_track").resolve()
    places = ("--target", "dev", "--defer", "--state", str(tmp_path))
    result = dbt("build", "-s", "dim_track", *places)
    assert result.success, result.exception or [node.message for node in result.result]
    assert (built / "gold" / "dim_track").resolve() == before
    assert count(built, "dev_gold/dim_track") == count(built, "gold/dim_track")
    dropped = dbt("run-operation", "drop_dev", "--target", "dev")
    assert dropped.success, dropped.exception
    assert not (built / "dev_gold" / "dim_track").exists()
    assert count(built, "gold/dim_track") > 0


def test_what_is_everybodys_is_not_dropped(built: Path, dbt: Dbt) -> None:
    refused = dbt("run-operation", "drop_dev")
    assert not refused.success
    assert count(built, "gold/dim_track") > 0
