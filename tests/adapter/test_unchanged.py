"""A table that would come out as it is stays; whatever could change it has it built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from dbt.adapters.sparksession.tables import Table, forget_table, replace_table, update_table

from tests.conftest import Dbt

Build = Callable[..., bool]
NAMES = ("probe", "one", "other")


@pytest.fixture
def build(spark: Any, built: Path) -> Iterator[Build]:
    """Replace, or update, a table of gold by a query; says whether it was left as it was."""
    credentials = SparkSessionCredentials(lake=str(built))

    def run(sql: str, name: str = "probe", *, update: bool = False, **options: Any) -> bool:
        again = {"again": True} if options.pop("again", False) else {}
        table = Table("gold", name, sql=sql, **options)
        way = update_table if update else replace_table
        return way(spark, credentials, table, spark.sql(sql), **again).as_it_was

    yield run
    spark.sql("drop view if exists gold.between")
    for name in NAMES:
        spark.sql(f"drop table if exists gold.{name}")
        forget_table(credentials, schema="gold", table=name)


def test_the_same_query_on_the_same_tables_leaves_the_table(build: Build, built: Path) -> None:
    sql = "with a as (select id from gold.one) select a.id from a inner join a as b using (id)"
    build("select id from range(3)", "one")
    assert not build(sql)
    version = (built / "gold" / "probe").resolve()
    assert build(sql)
    assert (built / "gold" / "probe").resolve() == version
    assert not build(sql, again=True)
    assert (built / "gold" / "probe").resolve() != version


@pytest.mark.parametrize(
    "sql",
    [
        "select id from gold.one",
        "select 1 as id where exists (select 1 from gold.one where id = 2)",
        "select (select max(id) from gold.one) as id",
        "select id from gold.between",
    ],
)
def test_a_table_that_is_read_was_built_anew(sql: str, build: Build, spark: Any) -> None:
    build("select id from range(3)", "one")
    spark.sql("create or replace view gold.between as select id from gold.one")
    assert not build(sql)
    assert build(sql)
    build("select id from range(4)", "one")
    assert not build(sql)


@pytest.mark.parametrize(
    ("view", "before", "now"),
    [
        ("select id from gold.one where id < {}", 9, 8),
        ("select id from values (1), ({}) as rows (id)", 2, 3),
        ("select id from range({})", 2, 3),
    ],
)
def test_a_view_in_between_says_something_else(
    view: str, before: int, now: int, build: Build, spark: Any
) -> None:
    build("select id from range(3)", "one")
    for number, as_it_was in ((before, False), (before, True), (now, False)):
        spark.sql(f"create or replace view gold.between as {view.format(number)}")
        assert build("select id from gold.between") is as_it_was


def test_the_model_itself_changed(build: Build) -> None:
    sql = "select id, id % 2 as half from range(4)"
    assert not build(sql)
    assert not build(f"{sql} where id < 9")
    assert not build(sql, promises=["id < 9"])
    assert build(sql, promises=["id < 9"])
    assert not build(sql, partition_by=("half",))


@pytest.mark.parametrize(
    "moment", ["now()", "current_timestamp()", "current_date", "rand()", "uuid()"]
)
def test_what_asks_for_the_moment_or_for_chance_is_always_built(moment: str, build: Build) -> None:
    for _ in range(2):
        assert not build(f"select {moment} as moment")


def test_a_file_that_is_no_table_was_written_anew(build: Build, spark: Any, tmp_path: Path) -> None:
    file = tmp_path / "outside" / "part.parquet"
    file.parent.mkdir()
    pq.write_table(pa.table({"id": [1]}), file)
    sql = f"select id from parquet.`{file.parent}`"
    assert not build(sql)
    assert build(sql)
    pq.write_table(pa.table({"id": [2]}), file)
    spark.catalog.refreshByPath(str(file.parent))
    assert not build(sql)
    assert spark.table("gold.probe").first().id == 2


def test_what_is_no_file_may_have_changed(build: Build, spark: Any) -> None:
    spark.createDataFrame([(1,)], "id int").createOrReplaceTempView("somewhere")
    for _ in range(2):
        assert not build("select id from somewhere")


def test_a_build_that_says_nothing_of_its_making_is_replaced(build: Build, built: Path) -> None:
    assert not build("select 1 as id")
    [note] = (built / "gold" / "probe").resolve().glob("_made_from*")
    note.unlink()
    assert not build("select 1 as id")


def test_an_update_that_had_no_rows_is_not_asked_again(build: Build) -> None:
    by_month: dict[str, Any] = {"partition_by": ("month",)}
    build("select 1 as id, 'a' as month", **by_month)
    build("select 2 as id", "one")
    sql = "select id, 'b' as month from gold.one where id not in (select id from gold.probe)"
    assert [build(sql, update=True, **by_month) for _ in range(4)] == [False, False, True, True]
    build("select 3 as id", "one")
    assert not build(sql, update=True, **by_month)


def test_dbt_says_which_tables_are_as_they_were(dbt: Dbt, built: Path) -> None:
    def messages(*words: str) -> dict[str, str]:
        return {result.node.name: result.message for result in dbt(*words).result}

    selected = ("run", "-s", "+fct_listen_history", "--exclude", "config.materialized:view")
    messages(*selected)
    again = messages(*selected)
    del again["medley-on-run-start-0"]
    assert again["dim_date"] == "14,611 rows, as they were"
    assert [told for told in again.values() if not told.endswith(" rows, as they were")] == []
    version = (built / "seeds" / "date_names").resolve()
    messages("seed", "-s", "date_names")
    assert (built / "seeds" / "date_names").resolve() == version
    whole = messages("run", "-s", "dim_date", "--full-refresh")
    assert whole["dim_date"] == "14,611 rows"
