"""What open-source Spark needs beyond dbt-spark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from dbt.adapters.base.impl import ConstraintSupport, PythonJobHelper
from dbt.adapters.base.meta import available
from dbt.adapters.base.relation import BaseRelation
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.contracts.relation import RelationType
from dbt.adapters.spark.column import SparkColumn
from dbt.adapters.spark.impl import SparkAdapter
from dbt.adapters.sparksession import versions
from dbt.adapters.sparksession.connections import SparkSessionConnectionManager, message_of
from dbt.adapters.sparksession.contracts import promises_of
from dbt.adapters.sparksession.python_submissions import SessionPythonJobHelper
from dbt.adapters.sparksession.tables import (
    forget_table,
    known,
    replace_table,
    table_of,
    update_table,
)
from dbt.adapters.sparksession.unchanged import Built
from dbt_common.contracts.constraints import ConstraintType
from dbt_common.exceptions import DbtDatabaseError
from pyspark.errors import AnalysisException, PySparkException

# Named outside the class, where `type` is still Python's own.
JobHelpers = dict[str, type[PythonJobHelper]]


class SparkSessionAdapter(SparkAdapter):
    """dbt-spark on one in-process session: safe tables, Python models, row counts."""

    CONSTRAINT_SUPPORT = SparkAdapter.CONSTRAINT_SUPPORT | {
        ConstraintType.check: ConstraintSupport.ENFORCED,
        ConstraintType.not_null: ConstraintSupport.ENFORCED,
    }
    ConnectionManager = SparkSessionConnectionManager
    connections: SparkSessionConnectionManager

    @classmethod
    def type(cls) -> str:
        """The adapter's name in a profile."""
        return "sparksession"

    @available
    def replace_table(
        self,
        relation: BaseRelation,
        sql: str,
        model: Mapping[str, Any] | None = None,
        again: bool = False,
    ) -> Built:
        """Build a table from a query and swap it in.

        Args:
            relation: the table.
            sql: the query.
            model: the node, when it may be partitioned or have a contract.
            again: even if the same query on the same files made the table that is there.

        Raises:
            DbtDatabaseError: Spark refused or failed the query, or rows break the model's
                contract; the table is as it was.
        """
        build = partial(replace_table, again=again)
        return self._build(build, relation, sql, model)

    @available
    def update_table(
        self,
        relation: BaseRelation,
        sql: str,
        model: Mapping[str, Any],
        keep_partitions: bool = False,
    ) -> Built:
        """Build those partitions of a table that a query has rows of.

        Args:
            relation: the table; it exists.
            sql: the query.
            model: the node.
            keep_partitions: add to the partitions instead of replacing them.

        Raises:
            DbtDatabaseError: as for `replace_table`.
            DbtRuntimeError: the columns are not those of the table.
        """
        build = partial(update_table, keep_partitions=keep_partitions)
        return self._build(build, relation, sql, model)

    def _build(
        self,
        build: Callable[..., Built],
        relation: BaseRelation,
        sql: str,
        model: Mapping[str, Any] | None,
    ) -> Built:
        session = self.connections.session()
        try:
            table = table_of(
                str(relation.schema), str(relation.identifier), model["config"] if model else {}
            )
            promises = promises_of(model) if model else []
            table = replace(table, promises=promises, sql=sql)
            return build(session, self.config.credentials, table, session.sql(sql))
        except PySparkException as error:
            raise DbtDatabaseError(message_of(error)) from error

    @available
    def newer_partitions(
        self, relation: BaseRelation, parents: list[BaseRelation], column: str
    ) -> list[str]:
        """Values of the partition column for which a parent was written after the table.

        Args:
            relation: a table partitioned by the column alone.
            parents: tables partitioned likewise.
            column: the partition column, of text.
        """
        session = self.connections.session()

        def written(table: BaseRelation) -> dict[str, float]:
            found = known(session, table_of(str(table.schema), str(table.identifier), {}))
            return versions.partitions_written(found.location) if found and found.location else {}

        built = written(relation)
        newer = {
            partition
            for parent in parents
            for partition, moment in written(parent).items()
            if moment > built.get(partition, 0.0)
        }
        return sorted(partition.removeprefix(f"{column}=") for partition in newer)

    @available
    def lake_path(self, path: str = "") -> str:
        """A path inside the lake, absolute."""
        return f"{self.config.credentials.lake}/{path}".rstrip("/")

    def drop_relation(self, relation: BaseRelation) -> None:
        """Drop a relation together with the files and the link of its versions."""
        super().drop_relation(relation)  # type: ignore[no-untyped-call]
        if relation.is_table:
            forget_table(
                self.config.credentials,
                schema=str(relation.schema),
                table=str(relation.identifier),
            )

    def drop_schema(self, relation: BaseRelation) -> None:
        """Drop a schema together with its relations, their files and links."""
        for inside in self.list_relations_without_caching(relation):
            self.drop_relation(inside)
        super().drop_schema(relation)

    def list_relations_without_caching(self, schema_relation: BaseRelation) -> list[BaseRelation]:
        """Names and kinds of a schema's relations, without reading each one's metadata."""
        session = self.connections.session()
        schema = str(schema_relation.schema)
        try:
            tables = session.sql(f"show tables in {schema}").collect()
            views = {row.viewName for row in session.sql(f"show views in {schema}").collect()}
        except AnalysisException:
            if schema not in {row[0] for row in session.sql("show databases").collect()}:
                return []
            raise
        return [
            self.Relation.create(
                schema=schema,
                identifier=row.tableName,
                type=RelationType.View if row.tableName in views else RelationType.Table,
            )
            for row in tables
            if not row.isTemporary
        ]

    def get_columns_in_relation(self, relation: BaseRelation) -> list[SparkColumn]:
        """The columns of a relation; none when it does not exist."""
        session = self.connections.session()
        if not session.catalog.tableExists(str(relation)):
            return []
        return [
            SparkColumn(
                column=column.name,
                dtype=column.dataType.simpleString(),
                table_schema=relation.schema,
                table_name=relation.name,
                table_type=relation.type,
                column_index=index,
            )
            for index, column in enumerate(session.table(str(relation)).schema)
        ]

    def generate_python_submission_response(self, submission_result: Any) -> AdapterResponse:
        """What dbt prints of a Python model: its rows."""
        return rows_response(submission_result)

    @property
    def default_python_submission_method(self) -> str:
        """Python models run in the session."""
        return "session"

    @property
    def python_submission_helpers(self) -> JobHelpers:
        """The one way to run a Python model."""
        return {"session": SessionPythonJobHelper}


def rows_response(rows: int) -> AdapterResponse:
    """A response that says how many rows a model has."""
    return AdapterResponse(_message=f"{rows:,} rows", rows_affected=rows)
