"""`medley sql` answers questions to the lake, and says in a line what it cannot."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pipeline.sql import statements
from tests.conftest import BIN, ROOT, Command, Replay, environment


def test_a_query_is_answered_with_a_table_and_nothing_else(
    replay: Replay, command: Command
) -> None:
    said = command("medley", "sql", "select count(*) as n from gold.dim_user", lake=replay.lake)
    assert said.returncode == 0, said.stderr
    assert said.stderr == ""
    assert said.stdout.splitlines()[1].strip("| ") == "n"
    assert said.stdout.splitlines()[3].strip("| ").isdigit()


def test_statements_of_stdin_are_answered_until_one_fails(replay: Replay) -> None:
    said = subprocess.run(
        [BIN / "medley", "sql"],
        input="select 'a;b' as text;\nselect\n  nme\nfrom gold.dim_track;\nselect 'unsaid';\n",
        cwd=ROOT,
        env=environment(replay.lake),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert said.returncode == 1
    assert "a;b|" in said.stdout
    assert "unsaid" not in said.stdout
    (line,) = said.stderr.splitlines()
    assert line.startswith("Error: [UNRESOLVED_COLUMN")
    assert "`nme`" in line


def test_a_lake_that_is_not_there_is_named(tmp_path: Path, command: Command) -> None:
    said = command("medley", "sql", "select 1", lake=tmp_path / "nowhere")
    assert said.returncode == 1
    assert said.stderr.splitlines() == [
        f"Error: there is no lake at {tmp_path / 'nowhere'}; `medley run` makes one"
    ]
    assert not (tmp_path / "nowhere").exists()


def test_a_target_without_a_session_is_named(tmp_path: Path, command: Command) -> None:
    said = command("medley", "sql", "select 1", lake=tmp_path, MEDLEY_TARGET="thrift")
    assert said.returncode == 1
    assert "thrift" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_run_does_not_build_in_dev(tmp_path: Path, command: Command) -> None:
    said = command("medley", "build", lake=tmp_path, MEDLEY_TARGET="dev")
    assert said.returncode == 2
    assert "MEDLEY_TARGET=dev" in said.stderr


def test_statements_end_with_a_semicolon_at_the_end_of_a_line() -> None:
    lines = ["select 1;", "select", "  'a;b'", "as text ;", "", "select 3"]
    assert [" ".join(one.split()) for one in statements(lines)] == [
        "select 1",
        "select 'a;b' as text",
        "select 3",
    ]
