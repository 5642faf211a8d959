"""What open-source Spark needs beyond dbt-spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt.adapters.base.impl import ConstraintSupport, PythonJobHelper
from dbt.adapters.base.meta import available
from dbt.adapters.base.relation import BaseRelation
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.contracts.relation import RelationType
from dbt.adapters.spark.column import SparkColumn
from dbt.adapters.spark.impl import SparkAdapter
from dbt.adapters.sparksession.connections import SparkSessionConnectionManager, message_of
from dbt.adapters.sparksession.contracts import promises_of
from dbt.adapters.sparksession.python_submissions import SessionPythonJobHelper
from dbt.adapters.sparksession.tables import forget_table, replace_table
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
        self, relation: BaseRelation, sql: str, model: Mapping[str, Any] | None = None
    ) -> int:
        """Build a table from a query and swap it in; returns the rows written.

        Args:
            relation: the table.
            sql: the query.
            model: the node, when it may be partitioned or have a contract.

        Raises:
            DbtDatabaseError: Spark refused or failed the query, or rows break the model's
                contract; the table is as it was.
        """
        session = self.connections.session()
        partition_by = model["config"].get("partition_by") if model else None
        try:
            return replace_table(
                session,
                self.config.credentials,
                schema=str(relation.schema),
                table=str(relation.identifier),
                frame=session.sql(sql),
                partition_by=[partition_by] if isinstance(partition_by, str) else partition_by,
                promises=promises_of(model) if model else None,
            )
        except PySparkException as error:
            raise DbtDatabaseError(message_of(error)) from error

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
