"""The steps of a swap in PostgreSQL, all inside the transaction of the publication."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import sql

from publish.errors import PublicationFailedError, PublicationUnderWayError
from publish.schema import TABLES, Kind, Table

SCHEMA = "medley"
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


def next_name(table: Table) -> str:
    """What a table is called until it becomes visible."""
    return f"{table.name}_next"


def begin(connection: Connection) -> None:
    """Make this the only publication, in the schema of the serving tables.

    Raises:
        PublicationUnderWayError: another connection is publishing to the same database.
    """
    lock = connection.execute("select pg_try_advisory_xact_lock(hashtext(%s))", [SCHEMA])
    if lock.fetchone() != (True,):
        raise PublicationUnderWayError(
            "another publication to this database is under way; try again when it is done"
        )
    if connection.execute("select to_regnamespace(%s)", [SCHEMA]).fetchone() == (None,):
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(SCHEMA)))
    connection.execute("select set_config('search_path', %s, true)", [SCHEMA])


def create_next(connection: Connection, table: Table) -> None:
    """Create an empty `<table>_next` with the notes of the schema as comments."""
    name = sql.Identifier(next_name(table))
    columns = [
        sql.SQL("{} {}{}{}").format(
            sql.Identifier(column.name),
            sql.SQL(TYPES[column.kind]),
            # A key is looked up, never shown in order: comparing bytes is enough, and faster.
            sql.SQL(' collate "C"' if column.kind == "text" and column.name in table.key else ""),
            sql.SQL("" if column.nullable else " not null"),
        )
        for column in table.columns
    ]
    connection.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(", ").join(columns)))
    comment = sql.SQL("comment on table {} is {}")
    connection.execute(comment.format(name, sql.Literal(table.note)))
    comment = sql.SQL("comment on column {}.{} is {}")
    for column in table.columns:
        noted = comment.format(name, sql.Identifier(column.name), sql.Literal(column.note))
        connection.execute(noted)


def complete_next(connection: Connection, table: Table) -> None:
    """Add the primary key, which fails on what is repeated, and the planner's statistics."""
    name = sql.Identifier(next_name(table))
    if table.key:
        add = sql.SQL("alter table {} add constraint {} primary key ({})")
        key = sql.SQL(", ").join(map(sql.Identifier, table.key))
        connection.execute(add.format(name, sql.Identifier(f"{next_name(table)}_pkey"), key))
    connection.execute(sql.SQL("analyze {}").format(name))


def rename_next(connection: Connection) -> None:
    """Put every `<table>_next` in the place of its table; visible once the transaction commits.

    Raises:
        PublicationFailedError: a reader does not let go of the served tables.
    """
    served = [table for table in TABLES if _exists(connection, table)]
    if served:
        _lock(connection, served)
    for table in served:
        _copy_grants(connection, table)
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier(table.name)))
    for table in TABLES:
        names = sql.Identifier(next_name(table)), sql.Identifier(table.name)
        connection.execute(sql.SQL("alter table {} rename to {}").format(*names))
        if table.key:
            keys = (f"{next_name(table)}_pkey", f"{table.name}_pkey")
            rename = sql.SQL("alter table {} rename constraint {} to {}")
            connection.execute(rename.format(names[1], *map(sql.Identifier, keys)))


def _exists(connection: Connection, table: Table) -> bool:
    found = connection.execute("select to_regclass(%s)", [f"{SCHEMA}.{table.name}"])
    return found.fetchone() != (None,)


def _lock(connection: Connection, tables: list[Table]) -> None:
    """Wait for the readers, letting those that come meanwhile pass between two attempts."""
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
    for _ in range(LOCK_ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute("select set_config('lock_timeout', %s, true)", [LOCK_WAIT])
                lock = sql.SQL("lock table {} in access exclusive mode")
                connection.execute(lock.format(names))
        except psycopg.errors.LockNotAvailable:
            time.sleep(LOCK_PAUSE_SECONDS)
        else:
            return
    raise PublicationFailedError(
        "a reader holds the served tables in an open transaction; end it (pg_stat_activity shows"
        " it as 'idle in transaction'), then run `medley publish` again"
    )


def _copy_grants(connection: Connection, table: Table) -> None:
    """Grant on the next table what is granted on the served one."""
    grants = connection.execute(
        """
        select acl.privilege_type, acl.is_grantable, pg_roles.rolname
        from pg_class
        cross join aclexplode(pg_class.relacl) as acl
        left join pg_roles on pg_roles.oid = acl.grantee
        where pg_class.oid = to_regclass(%s)
        """,
        [f"{SCHEMA}.{table.name}"],
    ).fetchall()
    for privilege, is_grantable, role in grants:
        connection.execute(
            sql.SQL("grant {} on {} to {}{}").format(
                sql.SQL(privilege),
                sql.Identifier(next_name(table)),
                sql.Identifier(role) if role else sql.SQL("public"),
                sql.SQL(" with grant option" if is_grantable else ""),
            )
        )
