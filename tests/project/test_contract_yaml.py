"""`dbt run-operation contract_yaml` prints what the YAML of a model should say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Command, Dbt
from tests.project.conftest import Manifest


def printed(dbt: Dbt, capfd: pytest.CaptureFixture[str], model: str) -> list[dict[str, Any]]:
    """The columns that the operation prints for a model."""
    capfd.readouterr()
    done = dbt("run-operation", "contract_yaml", "--args", json.dumps({"model": model}))
    assert done.success, done.exception
    columns: list[dict[str, Any]] = yaml.safe_load(capfd.readouterr().out)["columns"]
    return columns


@pytest.mark.parametrize(
    "model",
    [
        "dim_date",
        "dim_user_history",  # descriptions that go on after a doc block
        "listen_history_records",  # incremental, and reads what is private
        "listens_wide",  # a view with versions
        "als_scores",  # a Python model, whose YAML has no types
    ],
)
def test_of_a_model_that_agrees_it_prints_the_yaml_it_has(
    built: Path, dbt: Dbt, manifest: Manifest, capfd: pytest.CaptureFixture[str], model: str
) -> None:
    columns = {column["name"]: column for column in printed(dbt, capfd, model)}
    (node,) = [node for node in manifest["nodes"].values() if node["name"] == model]
    blocks = {doc["name"]: doc["block_contents"].strip() for doc in manifest["docs"].values()}
    assert set(columns) == set(node["columns"])
    for name, known in node["columns"].items():
        column = columns[name]
        said = re.sub(r'\{\{ doc\("(\w+)"\) \}\}', lambda m: blocks[m[1]], column["description"])
        assert said == known["description"].strip()
        assert bool("doc(" in column["description"]) <= bool(known["doc_blocks"])
        assert column["data_type"] == (known["data_type"] or column["data_type"])
        assert [
            (constraint["type"], constraint.get("expression"))
            for constraint in column.get("constraints", [])
        ] == [(constraint["type"], constraint["expression"]) for constraint in known["constraints"]]
        assert len(column.get("data_tests", [])) == sum(
            test.get("attached_node") == node["unique_id"] and test.get("column_name") == name
            for test in manifest["nodes"].values()
        )


def test_what_a_model_reads_need_not_be_built(command: Command, tmp_path: Path) -> None:
    words = ("dbt", "--quiet", "run-operation", "contract_yaml", "--args", "{model: listens_wide}")
    done = command(*words, lake=tmp_path / "lake")
    assert done.returncode == 0, done.stdout
    columns = {it["name"]: it["data_type"] for it in yaml.safe_load(done.stdout)["columns"]}
    assert columns["artist_name"] == "string"
    assert columns["play_count"] == "int"


def test_of_a_model_that_is_not_there_it_says_so(
    built: Path, dbt: Dbt, capfd: pytest.CaptureFixture[str]
) -> None:
    done = dbt("run-operation", "contract_yaml", "--args", "{model: dim_nothing}")
    assert not done.success
    assert "there is no model dim_nothing" in "".join(capfd.readouterr())
