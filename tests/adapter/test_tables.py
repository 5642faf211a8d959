"""Tables of the adapter: replaced at once, under readers, and never against their contract."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
from dbt.adapters.sparksession.contracts import ContractBrokenError
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from dbt.adapters.sparksession.tables import Table, forget_table, replace_table, update_table
from dbt_common.exceptions import DbtConfigError, DbtRuntimeError
from pyspark.sql import functions as F

from tests.conftest import Dbt

Replace = Callable[..., int]


@pytest.fixture
def credentials(built: Path) -> SparkSessionCredentials:
    return SparkSessionCredentials(lake=str(built))


@pytest.fixture
def update(spark: Any, credentials: SparkSessionCredentials, replace: Replace) -> Replace:
    """Update gold.probe, partitioned by `month`, with the result of a query."""

    def run(sql: str, *, keep_partitions: bool = False, **options: Any) -> int:
        table = Table("gold", "probe", partition_by=("month",), **options)
        frame = spark.sql(sql)
        return update_table(spark, credentials, table, frame, keep_partitions=keep_partitions).rows

    replace(
        "select * from values (1, 'a'), (2, 'a'), (3, 'b'), (4, 'unknown') as rows (id, month)",
        partition_by=("month",),
    )
    return run


@pytest.fixture
def replace(spark: Any, credentials: SparkSessionCredentials) -> Any:
    """Replace gold.probe with the result of a query; the table is dropped at the end."""

    def run(sql: str, **options: Any) -> int:
        table = Table("gold", "probe", **options)
        return replace_table(spark, credentials, table, spark.sql(sql)).rows

    yield run
    spark.sql("drop table if exists gold.probe")
    forget_table(credentials, schema="gold", table="probe")


def files(lake: Path, partition: str) -> list[Path]:
    return sorted((lake / "gold" / "probe" / partition).glob("*.parquet"))


def probe(lake: Path) -> list[dict[str, Any]]:
    return ds.dataset(lake / "gold" / "probe").to_table().to_pylist()


def test_a_table_counts_its_rows_and_shows_only_the_current_ones(
    built: Path, spark: Any, replace: Replace
) -> None:
    assert replace("select id from range(7)") == 7
    assert replace("select id + 100 as id from range(3)") == 3
    assert sorted(row["id"] for row in probe(built)) == [100, 101, 102]
    assert spark.table("gold.probe").count() == 3


def test_a_reader_that_started_before_a_replacement_finishes(spark: Any, replace: Replace) -> None:
    replace("select id from range(1000)")
    reader = spark.table("gold.probe")
    reader.first()
    replace("select id from range(5)")
    assert reader.count() == 1000
    assert spark.table("gold.probe").count() == 5


def test_versions_do_not_pile_up(built: Path, replace: Replace) -> None:
    for rows in (1, 2, 3, 4):
        replace(f"select id from range({rows})")
    assert len(list((built / "versions" / "gold" / "probe").iterdir())) == 2


def test_what_a_killed_build_left_is_removed(built: Path, replace: Replace) -> None:
    replace("select 1 as id")
    leftover = built / "versions" / "gold" / "probe" / "20000101T000000-dead"
    leftover.mkdir()
    (leftover / "part-0.parquet").write_bytes(b"half")
    replace("select 2 as id")
    assert not leftover.exists()
    assert probe(built) == [{"id": 2}]


def test_columns_may_change(built: Path, spark: Any, replace: Replace) -> None:
    replace("select 1 as id")
    replace("select 'a' as id, array(1) as numbers")
    assert probe(built) == [{"id": "a", "numbers": [1]}]
    assert spark.table("gold.probe").first().asDict() == {"id": "a", "numbers": [1]}


def test_a_table_may_be_partitioned(built: Path, spark: Any, replace: Replace) -> None:
    for rows in (4, 6):
        replace(f"select id, id % 2 as half from range({rows})", partition_by=("half",))
        assert spark.table("gold.probe").where("half = 1").count() == rows / 2


def test_an_update_replaces_the_partitions_that_it_has_rows_of(
    built: Path, spark: Any, update: Replace
) -> None:
    before = {path.name: path.stat().st_ino for path in files(built, "month=b")}
    assert update("select 9 as id, 'a' as month") == 1
    rows = spark.table("gold.probe").orderBy("id").collect()
    assert [(row.id, row.month) for row in rows] == [(3, "b"), (4, "unknown"), (9, "a")]
    assert sorted(row["id"] for row in probe(built)) == [3, 4, 9]
    assert {path.name: path.stat().st_ino for path in files(built, "month=b")} == before


def test_an_update_may_add_to_partitions(spark: Any, update: Replace) -> None:
    update("select 9 as id, 'a' as month", keep_partitions=True)
    rows = spark.table("gold.probe").orderBy("id").collect()
    assert [row.id for row in rows] == [1, 2, 3, 4, 9]


def test_a_reader_that_started_before_an_update_finishes(spark: Any, update: Replace) -> None:
    reader = spark.table("gold.probe")
    reader.first()
    update("select 9 as id, 'a' as month")
    assert reader.count() == 4
    assert spark.table("gold.probe").count() == 3


def test_an_update_without_rows_changes_nothing_and_mends_the_link(
    built: Path, update: Replace
) -> None:
    link = built / "gold" / "probe"
    current = link.resolve()
    link.unlink()  # as a run leaves it that is killed between the catalog and the link
    assert update("select 9 as id, 'a' as month where false") == 0
    assert link.resolve() == current
    assert len(list((built / "versions" / "gold" / "probe").iterdir())) == 1


def test_an_update_that_breaks_the_contract_never_shows(built: Path, update: Replace) -> None:
    with pytest.raises(ContractBrokenError):
        update("select 9 as id, 'a' as month", promises=["id < 5"])
    assert sorted(row["id"] for row in probe(built)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "sql", ["select 'x' as id, 'a' as month", "select 9 as number, 'a' as month"]
)
def test_an_update_with_other_columns_names_the_remedy(
    built: Path, update: Replace, sql: str
) -> None:
    with pytest.raises(DbtRuntimeError, match="--full-refresh"):
        update(sql)
    assert sorted(row["id"] for row in probe(built)) == [1, 2, 3, 4]


def test_a_table_whose_partitions_the_catalog_manages_is_put_back_whole(
    spark: Any, replace: Replace
) -> None:
    spark.sql("set spark.sql.hive.manageFilesourcePartitions=true")
    try:
        spark.sql(
            "create table gold.probe (id int, month string) using parquet partitioned by (month)"
        )
    finally:
        spark.sql("set spark.sql.hive.manageFilesourcePartitions=false")
    assert replace("select 1 as id, 'a' as month", partition_by=("month",)) == 1
    assert spark.table("gold.probe").where("month = 'a'").count() == 1


def test_a_view_gives_way_to_a_table(built: Path, spark: Any, replace: Replace) -> None:
    spark.sql("create view gold.probe as select 1 as id")
    replace("select 2 as id")
    assert spark.table("gold.probe").first().id == 2


def test_rows_that_break_the_contract_never_show(built: Path, replace: Replace) -> None:
    replace("select 1 as id")
    promises = ["id is not null", "id < 5"]
    with pytest.raises(ContractBrokenError, match=r"2 rows are not `id < 5`") as error:
        replace("select id from range(7)", promises=promises)
    assert "is not null" not in str(error.value)
    assert probe(built) == [{"id": 1}]
    assert len(list((built / "versions" / "gold" / "probe").iterdir())) == 1


def test_null_passes_a_check_as_in_any_database(replace: Replace) -> None:
    assert replace("select cast(null as int) as id", promises=["id < 5"]) == 1


def test_empty_cells_of_a_seed_are_null(built: Path, spark: Any) -> None:
    rules = spark.table("seeds.holiday_rules")
    assert rules.where("rule = 'fixed' and days_after_easter is null").count() > 10
    assert rules.where("holiday_name_en like '%None%'").count() == 0


def test_a_profile_names_what_it_cannot_use() -> None:
    with pytest.raises(DbtConfigError, match="metastore"):
        SparkSessionCredentials(metastore="mysql://x")
    with pytest.raises(DbtConfigError, match="database"):
        SparkSessionCredentials(schema="a", database="b")


def test_a_history_is_rewritten_from_its_own_rows(
    dbt: Dbt, spark: Any, credentials: SparkSessionCredentials
) -> None:
    now = spark.table("gold.model_versions").localCheckpoint()
    older = now.limit(1).withColumns(
        {"model_version": F.lit("als-older"), "wanted_at": F.lit(datetime(2000, 1, 1, tzinfo=UTC))}
    )
    table = Table("gold", "model_versions")
    replace_table(spark, credentials, table, now.unionByName(older))
    try:
        assert dbt("run", "-s", "model_versions").success
        after, before = (
            {row.model_version: row.is_kept for row in frame.collect()}
            for frame in (spark.table("gold.model_versions"), now)
        )
        assert after == before | {"als-older": False}
    finally:
        replace_table(spark, credentials, table, now)
