"""Which versions of the model are kept, and which one the lists are made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from recommender.versions import (
    UnknownVersionError,
    as_of_now,
    chosen,
    factors_so_far,
    held_out,
    newest,
    served_version,
    with_version,
)

FACTORS = """
    side string, key long, index int, features array<float>,
    training struct<seconds double, wanted_at timestamp, previous_version string>,
    model_version string
"""
NEW = FACTORS.replace(", wanted_at timestamp, previous_version string", "").rsplit(",", 1)[0]
VERSIONS = """
    model_version string, wanted_at timestamp, is_kept boolean, is_accepted boolean,
    previous_version string
"""


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def factors(spark: Any, versions: Iterable[str]) -> Any:
    """A track's factors by versions, the oldest first; each follows the one before."""
    rows = [
        ("track", 21, 0, [1.0], (1.5, day(number), None), version)
        for number, version in enumerate(versions, start=1)
    ]
    return spark.createDataFrame(rows, FACTORS)


def trained(spark: Any) -> Any:
    return spark.createDataFrame([("track", 21, 0, [2.0], (0.5,))], NEW)


def never() -> Any:
    raise AssertionError("it was trained again")


def names(frame: Any) -> set[str]:
    return {row.model_version for row in frame.collect()}


def test_the_first_version_is_kept(spark: Any) -> None:
    made = with_version(None, "a", train=lambda: trained(spark), served=None, keep=3)
    (row,) = made.collect()
    assert (row.model_version, row.features, row.training.seconds) == ("a", [2.0], 0.5)
    assert row.training.wanted_at is not None
    assert row.training.previous_version is None


def test_a_version_that_is_the_newest_is_not_trained_again(spark: Any) -> None:
    before = factors(spark, "ab")
    assert with_version(before, "b", train=never, served="a", keep=1) is before


def test_a_version_that_is_asked_for_again_is_the_newest_without_training(spark: Any) -> None:
    made = with_version(factors(spark, "ab"), "a", train=never, served="b", keep=3)
    assert names(made) == {"a", "b"}
    found = newest(made)
    assert found
    assert (found.model_version, found.previous_version) == ("a", "b")


def test_no_version_is_measured_against_itself(spark: Any) -> None:
    made = with_version(factors(spark, "ab"), "a", train=never, served="a", keep=3)
    found = newest(made)
    assert found
    assert (found.model_version, found.previous_version) == ("a", None)
    made = with_version(None, "a", train=lambda: trained(spark), served="a", keep=3)
    assert made.first().training.previous_version is None


@pytest.mark.parametrize(
    ("keep", "served", "left"),
    [
        (3, "c", "bcd"),
        (2, "c", "cd"),
        (2, "a", "acd"),
        (1, "b", "bd"),
        (1, None, "d"),
        (9, "x", "abcd"),
    ],
)
def test_the_oldest_go_and_the_served_one_stays(
    spark: Any, keep: int, served: str | None, left: str
) -> None:
    before = factors(spark, "abc")
    made = with_version(before, "d", train=lambda: trained(spark), served=served, keep=keep)
    assert names(made) == set(left)


def versions(spark: Any, *rows: tuple[str, bool | None, str | None]) -> Any:
    """Versions that are kept, the newest first: name, accepted, the one before."""
    found = [(name, day(9 - age), True, ok, old) for age, (name, ok, old) in enumerate(rows)]
    return spark.createDataFrame([*found, ("gone", day(1), False, True, None)], VERSIONS)


@pytest.mark.parametrize(
    ("rows", "wanted", "made_of"),
    [
        ([("b", True, "a"), ("a", True, None)], "", {"b"}),
        ([("b", False, "a"), ("a", True, None)], "", {"a"}),
        ([("b", False, None), ("a", False, None)], "", set()),
        ([("b", True, "a"), ("a", True, None)], "a", {"a"}),
        ([("b", False, "a"), ("a", True, None)], "b", {"b"}),
        ([], "", set()),
    ],
)
def test_lists_are_of_the_newest_that_passed_or_of_the_one_wanted(
    spark: Any, rows: Any, wanted: str, made_of: set[str]
) -> None:
    found = chosen(factors(spark, "ab"), versions(spark, *rows), wanted=wanted)
    assert names(found) == made_of


def test_a_version_that_is_not_kept_is_refused_with_those_that_are(spark: Any) -> None:
    known = versions(spark, ("b", True, "a"), ("a", True, None))
    with pytest.raises(UnknownVersionError, match="no version gone; those kept are b, a"):
        chosen(factors(spark, "ab"), known, wanted="gone")


def test_lists_that_no_model_made_are_of_no_version(spark: Any) -> None:
    def served(*versions: str) -> str | None:
        rows = [(version,) for version in versions]
        return served_version(spark.createDataFrame(rows, "model_version string"))

    assert served("a", "a") == "a"
    assert served("none") is None
    assert served() is None
    assert served_version(None) is None


def test_factors_of_other_columns_begin_anew(built: Path, spark: Any) -> None:
    assert factors_so_far(spark, "gold.als_factors") is not None
    assert factors_so_far(spark, "gold.als_scores") is None
    assert factors_so_far(spark, "gold.nothing") is None


def test_what_a_version_held_out_is_remembered(built: Path, spark: Any) -> None:
    """The share of dbt_project.yml; a version from before it was noted tells none."""
    kept = spark.table("gold.als_factors")
    assert held_out(kept) == 0.2
    older = kept.withColumn("training", F.col("training").withField("parameters", F.lit("{}")))
    assert held_out(older) is None
    assert held_out(kept.limit(0)) is None


def test_older_factors_get_the_indexes_of_today(spark: Any) -> None:
    rows = [("track", 21, 0), ("track", 22, 1), ("track", 23, 2), ("user", 11, 7)]
    older = spark.createDataFrame(rows, "side string, key long, index int")
    heard = [(11, 23, 0), (12, 23, 0), (11, 21, 1)]
    today = spark.createDataFrame(heard, "user_key long, track_key long, track_index int")
    found = {(row.side, row.key): row["index"] for row in as_of_now(older, today).collect()}
    assert found == {("track", 21): 1, ("track", 23): 0, ("user", 11): 7}
