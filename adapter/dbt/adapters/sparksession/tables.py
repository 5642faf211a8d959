"""Tables that are replaced at once, whole or by partition, under readers.

Each build of a table is a folder of its own (see versions.py). When the build is complete, the
table's location moves to it in one metastore call, and the link `<lake>/<schema>/<table>` follows;
only a table whose columns changed is out of the catalog for a moment. The build before stays for
the readers it still has; older ones, and what a killed build left behind, are removed.

A build that brings some partitions only holds the others as links to the files of the build before.
So that one call can move all partitions, Spark finds them in the folder and not in the catalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.sparksession import unchanged, versions
from dbt.adapters.sparksession.contracts import ContractBrokenError, counters, require_kept
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from dbt.adapters.sparksession.unchanged import Built
from dbt_common.exceptions import DbtRuntimeError
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType


@dataclass(frozen=True)
class Table:
    """What is to be built.

    Attributes:
        partition_by: columns that give the files their folders.
        promises: SQL conditions that every row must meet.
        sql: the query, by which a build is known again; a Python model has none.
    """

    schema: str
    name: str
    partition_by: tuple[str, ...] = ()
    promises: list[str] = field(default_factory=list)
    sql: str = ""

    @property
    def path(self) -> str:
        """Where the lake shows it."""
        return f"{self.schema}/{self.name}"

    @property
    def relation(self) -> str:
        """What Spark calls it."""
        return f"{self.schema}.{self.name}"


def table_of(schema: str, name: str, config: Mapping[str, Any]) -> Table:
    """The table that a model with this configuration makes; without promises and query yet."""
    partition_by = config.get("partition_by") or ()
    if isinstance(partition_by, str):
        partition_by = (partition_by,)
    return Table(schema, name, tuple(partition_by))


@dataclass(frozen=True)
class Known:
    """What the catalog knows of a table or view.

    Attributes:
        location: where its files are; None for a view.
        partition_by: its partition columns.
        in_catalog: whether the catalog keeps its partitions, instead of finding them.
    """

    location: str | None
    partition_by: tuple[str, ...]
    in_catalog: bool

    @property
    def version(self) -> str | None:
        """The build that it shows."""
        return self.location.rstrip("/").rsplit("/", 1)[-1] if self.location else None


def known(session: SparkSession, table: Table) -> Known | None:
    """Ask the catalog once; None when it has nothing of that name."""
    try:
        described = session.sql(f"describe table extended {table.relation}").collect()
    except AnalysisException as error:
        if error.getCondition() == "TABLE_OR_VIEW_NOT_FOUND":
            return None
        raise
    facts = {row.col_name: row.data_type for row in described}
    names = [row.col_name for row in described]
    partitions: list[str] = []
    if "# Partition Information" in names:
        start = names.index("# Partition Information") + 2  # past the heads of its columns
        partitions = names[start : names.index("", start)]
    location = None if facts.get("Type") == "VIEW" else facts.get("Location")
    return Known(
        location=location.removeprefix("file:") if location else None,
        partition_by=tuple(partitions),
        in_catalog=facts.get("Partition Provider") == "Catalog",
    )


def replace_table(
    session: SparkSession,
    credentials: SparkSessionCredentials,
    table: Table,
    frame: DataFrame,
    *,
    again: bool = False,
) -> Built:
    """Build a table from a frame and make it the current version.

    Nothing is done where the same query on the same files made the table that is there, unless it
    is to be made again.

    Raises:
        ContractBrokenError: rows break one of the promises; the table is as it was.
    """
    current = known(session, table)
    made_from = _made_from(credentials, table, frame)
    if current and not again:
        rows = unchanged.rows_if_same(current.location, made_from)
        if rows is not None and current.location:
            versions.show(credentials, table.path, current.location)
            return Built(rows, as_it_was=True)
    version = versions.new_version()
    rows = _write(credentials, table, version, frame)
    unchanged.note(versions.folder_of(credentials, table.path, version), made_from, rows)
    _make_current(session, credentials, table, version, frame.schema, current)
    return Built(rows)


def update_table(
    session: SparkSession,
    credentials: SparkSessionCredentials,
    table: Table,
    frame: DataFrame,
    *,
    keep_partitions: bool = False,
) -> Built:
    """Build the partitions that a frame has rows of.

    The other partitions stay, and a frame without rows changes nothing; nor is it asked for its
    rows again, as long as it is the same query on the same files. With `keep_partitions` the rows
    are added to their partitions instead of replacing them.

    Raises:
        ContractBrokenError: rows break one of the promises; the table is as it was.
        DbtRuntimeError: the columns are not those of the table.
    """
    current = known(session, table)
    if not current or not current.location or not _is_alike(session, table, frame.schema, current):
        raise DbtRuntimeError(
            f"The columns or partitions of {table.relation} are not those that its model now has: "
            f"build it whole, `dbt run --full-refresh -s {table.name}`."
        )
    made_from = _made_from(credentials, table, frame)
    if unchanged.rows_if_same(current.location, made_from) == 0:
        versions.show(credentials, table.path, current.location)
        return Built(0, as_it_was=True)
    version = versions.new_version()
    rows = _write(credentials, table, version, frame)
    location = versions.folder_of(credentials, table.path, version)
    if rows == 0:
        versions.remove(location)
        unchanged.note(current.location, made_from, 0)
        versions.show(credentials, table.path, current.location)
        return Built(0)
    replaced = set() if keep_partitions else set(versions.partitions_written(location))
    versions.carry_over(current.location, location, except_for=replaced)
    _make_current(session, credentials, table, version, frame.schema, current)
    return Built(rows)


def forget_table(credentials: SparkSessionCredentials, *, schema: str, table: str) -> None:
    """Remove the link and the versions of a table that has been dropped."""
    path = Table(schema, table).path
    versions.hide(credentials, path)
    versions.tidy(credentials, path, keep=set())


def _made_from(credentials: SparkSessionCredentials, table: Table, frame: DataFrame) -> str | None:
    return unchanged.digest(credentials, frame, table) if table.sql else None


def _write(
    credentials: SparkSessionCredentials, table: Table, version: str, frame: DataFrame
) -> int:
    location = versions.folder_of(credentials, table.path, version)
    counted = Observation()
    counts = [F.count(F.lit(1)).alias("rows"), *counters(table.promises)]
    writer = frame.observe(counted, *counts).write.format("parquet").mode("error")
    if table.partition_by:
        writer = writer.partitionBy(*table.partition_by)
    writer.save(location)
    try:
        require_kept(table.relation, table.promises, counted.get)
    except ContractBrokenError:
        versions.remove(location)
        raise
    return int(counted.get["rows"])


def _make_current(
    session: SparkSession,
    credentials: SparkSessionCredentials,
    table: Table,
    version: str,
    schema: StructType,
    before: Known | None,
) -> None:
    """Point the catalog's entry, then the link, at a build.

    A location can be moved in one call only while the columns stay; a table whose columns
    changed is taken out and put back.
    """
    location = versions.folder_of(credentials, table.path, version)
    if before and before.location and _is_alike(session, table, schema, before):
        session.sql(f"alter table {table.relation} set location '{_quoted(location)}'")
        session.catalog.refreshTable(table.relation)
    else:
        if before:
            session.sql(f"drop {'table' if before.location else 'view'} {table.relation}")
        columns = ", ".join(f"`{column}` {kind}" for column, kind in _columns(schema))
        partitions = ", ".join(f"`{column}`" for column in table.partition_by)
        session.sql(
            f"create table {table.relation} ({columns}) using parquet "
            f"{f'partitioned by ({partitions})' if partitions else ''} "
            f"location '{_quoted(location)}'"
        )
    versions.show(credentials, table.path, location)
    versions.tidy(credentials, table.path, keep={version, before.version if before else None})


def _is_alike(session: SparkSession, table: Table, schema: StructType, current: Known) -> bool:
    """Whether the catalog's entry has these columns, and finds these partitions in the folder."""
    if current.in_catalog or set(current.partition_by) != set(table.partition_by):
        return False
    return sorted(_columns(session.table(table.relation).schema)) == sorted(_columns(schema))


def _columns(schema: StructType) -> list[tuple[str, str]]:
    return [(column.name, column.dataType.simpleString()) for column in schema]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
