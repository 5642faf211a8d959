"""`medley tune`: what it is told, what it says, and that it writes its table and nothing else."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner

from pipeline.commands.tune import tune
from pipeline.parameters import grid_of, parameters_of
from pipeline.trials import verdict
from recommender.blending import ALS, NEIGHBOURS, Mix
from recommender.judging import Judged
from recommender.tuning import GRID, Trial
from tests.conftest import ROOT

AS_IT_IS = parameters_of(ROOT)


def trial(ndcg: list[float], **parameters: Any) -> Trial:
    """A trial whose users have these NDCG; the first, third and so on choose."""
    values = np.array(ndcg)
    judged = Judged(ndcg=values, recall=values, precision=values, items=1)
    told = replace(AS_IT_IS, neighbour_shares=(0.5,), recent_shares=(0.0,), **parameters)
    return Trial(told, {ALS: judged, Mix(0.5): judged, NEIGHBOURS: judged}, 1.0)


def test_the_parameters_of_the_yaml_are_where_it_begins() -> None:
    assert AS_IT_IS.rank == 64
    assert AS_IT_IS.neighbour_shares[0] == 0.5
    assert set(GRID) <= set(vars(AS_IT_IS))


def test_values_to_try_are_named_with_their_parameter() -> None:
    assert grid_of(("rank=8,16", "ridge=2.5"), AS_IT_IS) == {"rank": [8, 16], "ridge": [2.5]}
    assert grid_of((), AS_IT_IS) == GRID


@pytest.mark.parametrize("said", ["rnak=8", "rank", "rank=many", "neighbour_shares=1"])
def test_what_is_no_parameter_or_no_value_is_wrong_usage(said: str) -> None:
    with pytest.raises(click.UsageError, match=said.partition("=")[0]):
        grid_of((said,), AS_IT_IS)


def test_a_gain_that_the_other_users_see_is_to_be_set() -> None:
    best = trial([0.3, 0.3, 0.3, 0.4], rank=128, alpha=2.0)
    *_, gain, so = verdict([trial([0.1, 0.1, 0.1, 0.2]), best, trial([0.2, 0.2, 0.2, 0.2])])
    assert "0.350 against 0.150 as they are: +0.200 ± 0.000" in gain
    assert "set rank: 128, alpha: 2 in models/gold/recommender" in so


def test_a_gain_that_they_do_not_see_is_chance() -> None:
    best = trial([0.9, 0.1, 0.9, 0.3], rank=128)
    *_, gain, so = verdict([trial([0.1, 0.1, 0.1, 0.2]), best])
    assert "+0.050 ± 0.098, on 2 users who did not choose" in gain
    assert "nothing" in so


def test_what_is_best_as_it_is_says_so() -> None:
    (said,) = verdict([trial([0.1] * 4), trial([0.1] * 4, rank=128)])
    assert "the parameters as they are" in said


def test_it_writes_its_table_and_changes_nothing(built: Path, spark: Any, tmp_path: Path) -> None:
    table, layers = tmp_path / "trials.csv", (built / "gold", built / "runs")
    before = {path: path.stat().st_mtime_ns for layer in layers for path in layer.rglob("*")}
    words = ["--lake", str(built), "--try", "iterations=1", "--to", str(table)]
    done = CliRunner().invoke(tune, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    for told in ("popularity", "ALS alone", "neighbours alone", "both", "best", str(table)):
        assert told in done.output
    rows = list(csv.DictReader(table.open()))
    assert [row["recommender"] for row in rows[:2]] == ["popularity", "als"]
    assert {row["iterations"] for row in rows} == {"", "15", "1"}
    assert [row["trial"] for row in rows if row["is_chosen"] == "True"] == ["1", "2"]
    assert all(0 <= float(row["ndcg_low"]) <= float(row["ndcg"]) <= 1 for row in rows)
    after = {path: path.stat().st_mtime_ns for layer in layers for path in layer.rglob("*")}
    assert after == before


def test_a_lake_without_a_recommender_is_told_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(tune, ["--lake", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "`medley run`" in done.output
