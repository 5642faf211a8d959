"""PostgreSQL: tables built as `<table>_next` in the schema `medley`, renamed in one transaction.

Whoever was granted something on a table is granted the same on its successor (grants on single
columns are not followed). A killed publication leaves nothing: its transaction never happened.
PostgreSQL stores no NUL character in text; U+FFFD takes its place, when reading as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict

from publish.engine import Building, Query
from publish.errors import (
    DatabaseUnreachableError,
    NothingPublishedError,
    PublicationFailedError,
    PublicationRefusedError,
    ServingUrlError,
)
from publish.pgswap import (
    SCHEMA,
    Connection,
    begin,
    complete_next,
    create_next,
    next_name,
    rename_next,
)
from publish.schema import GENERATION, TABLES, Table

if TYPE_CHECKING:
    import pyarrow as pa  # not at run time: reading does without it


def _storable(value: object) -> Any:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    columns = [map(_storable, column.to_pylist()) for column in batch.columns]
    return zip(*columns, strict=True)


@dataclass(frozen=True)
class PostgresqlBuilding:
    """A generation in tables that only this transaction sees."""

    connection: Connection

    def write(self, table: Table, batches: Iterable[pa.RecordBatch]) -> None:
        """See `publish.engine.Building`."""
        copy_in = sql.SQL("copy {} from stdin").format(sql.Identifier(next_name(table)))
        try:
            with self.connection.cursor().copy(copy_in) as copy:
                for batch in batches:
                    for row in _rows(batch):
                        copy.write_row(row)
            complete_next(self.connection, table)
        except errors.IntegrityError as error:
            raise PublicationRefusedError(
                f"{table.name}: a key is repeated or a value is missing ({_line(error)})"
            ) from error

    def name_of(self, table: Table) -> str:
        """See `publish.engine.Building`."""
        return next_name(table)

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """See `publish.engine.Building`."""
        return _query(self.connection, sql, parameters)

    def make_visible(self) -> None:
        """See `publish.engine.Building`."""
        rename_next(self.connection)
        self.connection.commit()


@dataclass(frozen=True)
class PostgresqlEngine:
    """The serving tables in one PostgreSQL database; `url` as libpq understands it."""

    url: str = field(repr=False)

    @property
    def location(self) -> str:
        """Host and database; never user or password."""
        try:
            parts = conninfo_to_dict(self.url)
        except psycopg.Error:  # its text may quote the password
            raise ServingUrlError(
                "the postgresql:// URL is malformed; it looks like"
                " postgresql://user:password@host:5432/database, special characters as %XX"
            ) from None
        port = f":{parts['port']}" if "port" in parts else ""
        return f"postgresql://{parts.get('host', '')}{port}/{parts.get('dbname', '')}"

    @contextmanager
    def building(self) -> Iterator[Building]:
        """See `publish.engine.Engine`."""
        try:
            with self._connected() as connection:
                begin(connection)
                for table in TABLES:
                    create_next(connection, table)
                yield PostgresqlBuilding(connection)
        except psycopg.Error as error:
            raise PublicationFailedError(
                f"{self.location} did not take the publication: {_line(error)};"
                " what is served stays as it is"
            ) from error

    @contextmanager
    def reading(self) -> Iterator[Query]:
        """See `publish.engine.Engine`; publishing waits while it is open, so keep it short."""
        try:
            with self._connected() as connection:
                connection.read_only = True
                connection.execute("select set_config('search_path', %s, true)", [SCHEMA])
                # Held to the end: while one of the tables is, none of them is replaced.
                held = sql.SQL("lock table {} in access share mode")
                connection.execute(held.format(sql.Identifier(GENERATION.name)))
                yield lambda sql, parameters=(): _query(connection, sql, parameters)
        except errors.UndefinedTable as error:
            raise NothingPublishedError(
                f"nothing is published at {self.location}, or this user has no usage of the"
                f" schema {SCHEMA}; run `medley publish`"
            ) from error
        except psycopg.Error as error:
            raise DatabaseUnreachableError(
                f"cannot read {self.location}: {_line(error)}"
            ) from error

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        location = self.location
        try:
            connection = psycopg.connect(self.url, client_encoding="utf8")
        except psycopg.OperationalError as error:
            raise DatabaseUnreachableError(f"cannot reach {location}: {_line(error)}") from error
        with closing(connection):  # closed without a commit, a transaction never was
            yield connection


def _query(connection: Connection, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    stored = [_storable(value) for value in parameters]
    return connection.execute(sql.replace("?", "%s"), stored).fetchall()


def _line(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
