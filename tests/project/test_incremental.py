"""Listens grow by batch, and are what a full refresh makes of all batches."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.conftest import Command, Dbt

SEEDS = ("1", "2")


def test_any_sequence_of_increments_gives_the_rows_of_a_full_refresh(
    tmp_path: Path, command: Command
) -> None:
    words = (sys.executable, "-m", "tests.project.increments", *SEEDS)
    compared = command(*words, lake=tmp_path / "lake")
    assert compared.returncode == 0, compared.stderr[-2000:]
    outcomes = [json.loads(line) for line in compared.stdout.splitlines()]
    assert [outcome["seed"] for outcome in outcomes] == list(SEEDS)
    for outcome in outcomes:
        assert outcome["differing"] == {}
        assert all(count > 20 for count in outcome["rows"].values())


def test_of_what_was_recorded_only_months_with_new_records_are_read(spark: Any, dbt: Dbt) -> None:
    """Also where Spark takes what is new for too much to send it to every task by itself."""
    compiled = dbt("compile", "-s", "listen_history_records").result.results
    [code] = [it.node.compiled_code for it in compiled if it.node.name == "listen_history_records"]
    sql, count = re.subn(r"where\s+false", "where _batch_id > ''", code)
    assert count == 1, "nothing is new"
    most = spark.conf.get("spark.sql.autoBroadcastJoinThreshold")
    spark.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    try:
        again = spark.sql(sql)
        again.collect()
        plan = again._jdf.queryExecution().executedPlan().toString()
    finally:
        spark.conf.set("spark.sql.autoBroadcastJoinThreshold", most)
    assert "isFinalPlan=true" in plan
    assert "SubqueryBroadcast" in plan
    assert "dynamicpruningexpression(true)" not in plan
