"""The analysts' guide: its commands parse, their selections find nodes, what it names exists."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pipeline.__main__ import main
from tests.conftest import ROOT, Dbt
from tests.project.conftest import Manifest

GUIDE = (ROOT / "docs" / "analysts.md").read_text()
CODE = [*re.findall(r"^    \$ (.*)$", GUIDE, re.M), *re.findall(r"`([^`\n]+)`", GUIDE)]
COMMANDS = [
    shlex.split(line.split(" >> ")[0].split(" < ")[0])
    for line in CODE
    if line.startswith(("dbt ", "medley "))
]
DBT = [words for words in COMMANDS if words[0] == "dbt" and len(words) > 1]
MEDLEY = [words for words in COMMANDS if words[0] == "medley" and len(words) > 1]
MADE_HERE = {"listens_by_weekday"}
SPOKEN_OF = re.compile(r"\b(?:(?:dim|fct|bridge)_\w+|\w+_(?:records|weekly|history))\b")


def parsed(group: click.Group, words: list[str]) -> dict[str, object]:
    """The options of a command line; raises UsageError for what the command does not know."""
    words = [word for word in words if word != "--quiet"]  # dbt's own, before the command
    with click.Context(group, info_name=words[0]) as context:
        name, command, rest = group.resolve_command(context, words[1:])
        assert command
        with command.make_context(name, rest, parent=context) as inner:
            return dict(inner.params)


def selections() -> Iterator[str]:
    for words in DBT:
        if "-s" in words:
            chosen = words[words.index("-s") + 1]
            if "state:" not in chosen and not any(name in chosen for name in MADE_HERE):
                yield chosen


@pytest.mark.parametrize("words", DBT, ids=" ".join)
def test_dbt_knows_the_options(words: list[str]) -> None:
    from dbt.cli.main import cli

    options = parsed(cli, words)
    assert bool(options.get("state")) == ("--state" in words)
    if options.get("target") == "dev" and "run-operation" not in words:
        assert "--defer" in words
    if options.get("target") == "dev" and "build" in words:
        assert "tag:recommender" in str(options["exclude"]), "its tables may not be there"
    if "--empty" in words:
        assert options["target"] == "dev", "--empty empties the tables of everybody"


@pytest.mark.parametrize("words", MEDLEY, ids=" ".join)
def test_medley_knows_the_options(words: list[str]) -> None:
    parsed(main, words)


def test_each_selection_finds_something(monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt.cli.main import dbtRunner

    monkeypatch.chdir(ROOT)
    chosen = sorted(set(selections()))
    assert len(chosen) > 10
    project = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse"]).result
    for selection in chosen:
        listed = dbtRunner(manifest=project).invoke(["--quiet", "ls", "-s", selection])
        assert listed.success, listed.exception
        assert listed.result, f"{selection} finds nothing"


def test_what_it_names_exists(manifest: Manifest) -> None:
    nodes = {node["name"] for node in manifest["nodes"].values()}
    files = {"_data_tests", "query_history"}
    spoken = set(SPOKEN_OF.findall(GUIDE)) - MADE_HERE - files
    assert len(spoken) > 8
    assert spoken <= nodes
    macros = {macro["name"] for macro in manifest["macros"].values()}
    called = set(re.findall(r"\{\{ (\w+)\(", GUIDE)) | set(
        re.findall(r"run-operation (\w+)", GUIDE)
    )
    assert called - {"ref"} <= macros
    for path in re.findall(r"`((?:models|tests|seeds)/[\w/.]+)`", GUIDE):
        assert path.rpartition("/")[2].removesuffix(".sql") in MADE_HERE or (ROOT / path).exists()


def test_the_tables_of_its_questions_exist(manifest: Manifest) -> None:
    tables = {f"{node['schema']}.{node['alias']}" for node in manifest["nodes"].values()}
    asked = {
        table.removeprefix("dev_")
        for table in re.findall(r"\b(?:dev_)?(?:silver|gold|test_failures)\.\w+", GUIDE)
    }
    assert asked
    assert asked <= tables
    names = {node["name"] for node in manifest["nodes"].values()}
    assert set(re.findall(r"lake/gold/(\w+)", GUIDE)) <= names


def test_its_questions_in_sql_are_answered(built: Path, dbt: Dbt) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", GUIDE, re.S)
    assert len(blocks) == 1
    result = dbt("show", "--inline", blocks[0], "--limit", "3")
    assert result.success, result.exception
    assert len(result.result.results[0].agate_table.rows) == 3


def test_its_python_is_python() -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    assert len(blocks) == 3
    for block in blocks:
        ast.parse(block)


def test_against_the_manifest_of_another_target_nothing_is_modified(
    tmp_path: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or `--target dev` would build everything."""
    from dbt.cli.main import dbtRunner

    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("MEDLEY_LAKE", str(tmp_path / "lake"))
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    places = ["--state", str(tmp_path), "--target", "dev", "--target-path", str(tmp_path / "own")]
    listed = dbtRunner().invoke(["--quiet", "ls", "-s", "state:modified", *places])
    assert listed.success, listed.exception
    assert listed.result == []
    dev = json.loads((tmp_path / "own" / "manifest.json").read_text())
    assert dev["nodes"]["model.medley.dim_track"]["schema"] == "dev_gold"
