"""A database that an earlier Medley laid out gets the columns that have come since."""

from __future__ import annotations

from psycopg import sql

from publish.pglayout import DATA, SCHEMA, TYPES, Connection, create_view, lock
from publish.schema import LISTS, Column, Table


def add_columns(connection: Connection) -> None:
    """Add to each list what the schema has at its end and the database has not; null in old rows.

    Grants, and what others build on the views, stay. Committed at once: readers wait for moments.

    Raises:
        PublicationFailedError: a reader does not let go of the lists.
    """
    lacking = [(table, new) for table in LISTS if (new := _lacking(connection, table))]
    if lacking:
        lock(connection, [table for table, _ in lacking])
    for table, new in lacking:
        name = sql.Identifier(DATA, table.name)
        for column in new:
            connection.execute(
                sql.SQL("alter table {} add column {} {}").format(
                    name, sql.Identifier(column.name), sql.SQL(TYPES[column.kind])
                )
            )
        create_view(connection, table)
    connection.commit()


def _lacking(connection: Connection, table: Table) -> list[Column]:
    found = connection.execute(
        "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0",
        [f"{SCHEMA}.{table.name}"],
    ).fetchall()
    there = {name for (name,) in found}
    return [column for column in table.columns if column.name not in there]
