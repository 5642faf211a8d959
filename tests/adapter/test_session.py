"""Starting Spark: what is missing is named with its remedy."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest
from dbt.adapters.sparksession.metastore import require_free

from tests.conftest import Command


def fake_java(folder: Path, version: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2020-01-01' >&2\n")
    java.chmod(0o755)
    return folder


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_292"])
def test_an_old_java_is_named_with_the_remedy(
    tmp_path: Path, command: Command, version: str
) -> None:
    home = fake_java(tmp_path / "jdk", version)
    said = command("dbt", "run", "-s", "tracks_raw", lake=tmp_path / "lake", JAVA_HOME=str(home))
    assert said.returncode != 0
    major = version.removeprefix("1.").split(".")[0]
    assert f"Java {major}" in said.stdout
    assert "openjdk-17-jre-headless" in said.stdout
    assert "Traceback" not in said.stdout


def test_a_metastore_that_is_open_elsewhere_is_named(tmp_path: Path, command: Command) -> None:
    lock = tmp_path / "metastore" / "hive" / "dbex.lck"
    lock.parent.mkdir(parents=True)
    with lock.open("wb") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        said = command("dbt", "run", "-s", "tracks_raw", lake=tmp_path)
    assert said.returncode != 0
    assert "Another process" in said.stdout
    assert str(lock.parent) in said.stdout


def test_a_lock_that_nobody_holds_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "dbex.lck").touch()
    require_free(tmp_path, patience_seconds=0)


def test_a_second_lake_needs_a_second_process(spark: object, tmp_path: Path) -> None:
    from dbt.adapters.sparksession.credentials import SparkSessionCredentials
    from dbt.adapters.sparksession.session import session_for
    from dbt_common.exceptions import DbtRuntimeError

    with pytest.raises(DbtRuntimeError, match="use a new process"):
        session_for(SparkSessionCredentials(lake=str(tmp_path)))


def test_a_jvm_that_ended_is_replaced(tmp_path: Path) -> None:
    script = """
import sys
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from dbt.adapters.sparksession.session import session_for
from pyspark import SparkContext
lake = SparkSessionCredentials(lake=sys.argv[1])
assert session_for(lake).range(3).count() == 3
assert session_for(lake) is session_for(lake)
SparkContext._gateway.proc.kill()
SparkContext._gateway.proc.wait()
assert session_for(lake).range(4).count() == 4
"""
    words = [sys.executable, "-c", script, str(tmp_path / "lake")]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
