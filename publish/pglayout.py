"""The tables of PostgreSQL: views in the schema `medley`, what is behind them in `medley_data`.

The parts of a list are partitions, and the views read what the row in `served` names; so readers
follow an update of that row, and nothing that they use is ever replaced or locked against them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors, sql

from publish.errors import NotAServingDatabaseError, PublicationFailedError
from publish.layout import GENERATIONS, SERVED, stored, visible
from publish.schema import GENERATION, LISTS, TABLES, Column, Kind, Table

SCHEMA, DATA = "medley", "medley_data"
TYPES: dict[Kind, str] = {
    "text": "text",
    "integer": "integer",
    "real": "double precision",
    "timestamp": "timestamptz",
}
# Shorter than PostgreSQL's deadlock_timeout (1 s), so that it is never a reader who is cancelled.
LOCK_WAIT = "500ms"
LOCK_PAUSE_SECONDS = 0.2
LOCK_ATTEMPTS = 20

Connection = psycopg.Connection[tuple[Any, ...]]


def columns_of(columns: Sequence[Column], *, bytewise: Sequence[str] = ()) -> sql.Composable:
    """The columns of a `create table`; those that are `bytewise` compare by bytes, which is faster.

    A key is looked up, never shown in order.
    """
    return sql.SQL(", ").join(
        sql.SQL("{} {}{}{}").format(
            sql.Identifier(column.name),
            sql.SQL(TYPES[column.kind]),
            sql.SQL(' collate "C"' if column.kind == "text" and column.name in bytewise else ""),
            sql.SQL("" if column.nullable else " not null"),
        )
        for column in columns
    )


def is_laid_out(connection: Connection) -> bool:
    """Whether the views are there; tables of their names are of an earlier layout."""
    found = connection.execute(
        "select relkind from pg_class where oid = to_regclass(%s)", [f"{SCHEMA}.{GENERATION.name}"]
    ).fetchone()
    return found is not None and found[0] in ("v", b"v")


def create_tables(connection: Connection) -> None:
    """Make the schemas and the tables behind the views."""
    for schema in (SCHEMA, DATA):
        if connection.execute("select to_regnamespace(%s)", [schema]).fetchone() == (None,):
            connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    create = sql.SQL("create table {} ({}{})")
    for table in (GENERATIONS, SERVED):
        key = sql.SQL(", primary key (generation)" if table.key else "")
        name = sql.Identifier(DATA, table.name)
        connection.execute(create.format(name, columns_of(table.columns), key))
    connection.execute(
        sql.SQL(
            "create table {} (generation integer, list text, data bytea not null,"
            " primary key (generation, list))"
        ).format(sql.Identifier(DATA, "fingerprints"))
    )
    for table in LISTS:
        connection.execute(
            sql.SQL("create table {} (part integer not null, {}) partition by list (part)").format(
                sql.Identifier(DATA, table.name),
                columns_of(stored(table), bytewise=table.key),
            )
        )


def create_views(connection: Connection) -> None:
    """Make what readers see; tables of an earlier layout give way, and their grants go over.

    Raises:
        PublicationFailedError: a reader does not let go of the earlier tables.
        NotAServingDatabaseError: something else has one of the names.
    """
    earlier = [table for table in TABLES if _kind(connection, table)]
    for table in earlier:
        if _kind(connection, table) != "r":
            raise NotAServingDatabaseError(
                f"{SCHEMA}.{table.name} is not a table that Medley made; drop or rename it"
            )
    if earlier:
        lock(connection, earlier)
    for table in TABLES:
        grants = _grants(connection, table)
        name = sql.Identifier(SCHEMA, table.name)
        if table in earlier:
            connection.execute(sql.SQL("drop table {}").format(name))
        create_view(connection, table)
        for grant in grants:
            connection.execute(grant)


def create_view(connection: Connection, table: Table) -> None:
    """Make what readers see of a table, with its notes; one that lacks the last columns gets them.

    Scalar subqueries, not a join: so that no plan reads the parts of other generations.
    """
    if table is GENERATION:
        source, where = GENERATIONS.name, f"generation = {_of_served('generation')}"
    else:
        source = table.name
        where = f"part = {_of_served(f'{table.name}_part')}"
        where += f" and {visible(_of_served('generation'))}"
    name = sql.Identifier(SCHEMA, table.name)
    columns = sql.SQL(", ").join(map(sql.Identifier, table.names))
    create = sql.SQL("create or replace view {} as select {} from {} where {}")
    connection.execute(create.format(name, columns, sql.Identifier(DATA, source), sql.SQL(where)))
    connection.execute(sql.SQL("comment on view {} is {}").format(name, sql.Literal(table.note)))
    for column in table.columns:
        place, note = sql.Identifier(column.name), sql.Literal(column.note)
        connection.execute(sql.SQL("comment on column {}.{} is {}").format(name, place, note))


def _of_served(column: str) -> str:
    return f"(select {column} from {DATA}.{SERVED.name})"  # noqa: S608 - the layout's own names


def _kind(connection: Connection, table: Table) -> str | None:
    found = connection.execute(
        "select relkind::text from pg_class where oid = to_regclass(%s)",
        [f"{SCHEMA}.{table.name}"],
    ).fetchone()
    return str(found[0]) if found else None


def lock(connection: Connection, tables: list[Table]) -> None:
    """Wait for the readers, letting those that come meanwhile pass between two attempts.

    Raises:
        PublicationFailedError: one does not let go.
    """
    names = sql.SQL(", ").join(sql.Identifier(SCHEMA, table.name) for table in tables)
    for _ in range(LOCK_ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute("select set_config('lock_timeout', %s, true)", [LOCK_WAIT])
                connection.execute(sql.SQL("lock table {}").format(names))
        except errors.LockNotAvailable:
            time.sleep(LOCK_PAUSE_SECONDS)
        else:
            return
    raise PublicationFailedError(
        "a reader holds the tables of an earlier version of Medley in an open transaction; end it"
        " (pg_stat_activity shows it as 'idle in transaction'), then run `medley publish` again"
    )


def _grants(connection: Connection, table: Table) -> list[sql.Composed]:
    """Statements that grant again what is granted on a table."""
    found = connection.execute(
        """
        select acl.privilege_type, acl.is_grantable, pg_roles.rolname
        from pg_class
        cross join aclexplode(pg_class.relacl) as acl
        left join pg_roles on pg_roles.oid = acl.grantee
        where pg_class.oid = to_regclass(%s)
        """,
        [f"{SCHEMA}.{table.name}"],
    ).fetchall()
    return [
        sql.SQL("grant {} on {} to {}{}").format(
            sql.SQL(privilege),
            sql.Identifier(SCHEMA, table.name),
            sql.Identifier(role) if role else sql.SQL("public"),
            sql.SQL(" with grant option" if is_grantable else ""),
        )
        for privilege, is_grantable, role in found
    ]
