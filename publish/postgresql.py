"""PostgreSQL 14 or newer: nobody who reads waits for the publication, or sees half of it.

A statement sees the newest generation, a repeatable-read transaction keeps its own. A killed
publication leaves nothing that anybody sees, and the next one takes its place. PostgreSQL stores no
NUL character in text; U+FFFD takes its place, when reading as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial

import psycopg
import psycopg_pool
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from publish.engine import Database, Query, Readers
from publish.errors import (
    DatabaseUnreachableError,
    NothingPublishedError,
    PublicationFailedError,
    ServingUrlError,
)
from publish.pgdb import begin, end, line, query
from publish.pglayout import SCHEMA, Connection

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class PostgresqlEngine:
    """The serving tables in one PostgreSQL database; `url` as libpq understands it."""

    url: str = field(repr=False)

    @property
    def location(self) -> str:
        """Host and database; never user or password."""
        parts = self._parts()
        port = f":{parts['port']}" if "port" in parts else ""
        return f"postgresql://{parts.get('host', '')}{port}/{parts.get('dbname', '')}"

    def _parts(self) -> dict[str, str]:
        try:
            return {name: str(value) for name, value in conninfo_to_dict(self.url).items()}
        except psycopg.Error:  # its text may quote the password
            raise ServingUrlError(
                "the postgresql:// URL is malformed; it looks like"
                " postgresql://user:password@host:5432/database, special characters as %XX"
            ) from None

    def _options(self) -> dict[str, object]:
        options: dict[str, object] = {"client_encoding": "utf8"}
        if "connect_timeout" not in self._parts():
            options["connect_timeout"] = CONNECT_SECONDS
        return options

    @contextmanager
    def publishing(self) -> Iterator[Database]:
        """See `publish.engine.Engine`."""
        with self._connected() as connection:
            try:
                yield begin(connection)
            except psycopg.Error as error:
                raise PublicationFailedError(
                    f"{self.location} did not take the publication: {line(error)};"
                    " what is served stays as it is; run `medley publish` again"
                ) from error
            finally:
                end(connection)

    @contextmanager
    def reading(self) -> Iterator[Query]:
        """See `publish.engine.Engine`."""
        with self._connected() as connection, self._snapshot(connection) as ask:
            yield ask

    @contextmanager
    def readers(self, *, size: int) -> Iterator[Readers]:
        """See `publish.engine.Engine`; the pool connects again by itself after a failure."""
        with psycopg_pool.ConnectionPool(
            self.url,
            kwargs=self._options(),
            min_size=0,
            max_size=size,
            timeout=CONNECT_SECONDS,
            reconnect_timeout=CONNECT_SECONDS,
            check=psycopg_pool.ConnectionPool.check_connection,
            open=True,
        ) as pool:
            yield _PostgresqlReaders(self, pool)

    @contextmanager
    def _snapshot(self, connection: Connection) -> Iterator[Query]:
        """One generation from the first statement to the end."""
        try:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.execute("select set_config('search_path', %s, true)", [SCHEMA])
            yield partial(query, connection)
            connection.rollback()
        except (errors.UndefinedTable, errors.UndefinedColumn) as error:
            raise NothingPublishedError(
                f"nothing that this version reads is published at {self.location}, or this user"
                f" has no usage of the schema {SCHEMA}; run `medley publish`"
            ) from error
        except psycopg.Error as error:
            raise DatabaseUnreachableError(f"cannot read {self.location}: {line(error)}") from error

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        location = self.location
        try:
            connection = psycopg.connect(self.url, **self._options())  # type: ignore[arg-type]
        except psycopg.OperationalError as error:
            raise DatabaseUnreachableError(
                f"cannot reach {location}: {line(error)}; see that it runs, then try again"
            ) from error
        with closing(connection):  # closed without a commit, a transaction never was
            yield connection


@dataclass(frozen=True)
class _PostgresqlReaders:
    engine: PostgresqlEngine
    pool: psycopg_pool.ConnectionPool[Connection]

    @contextmanager
    def reading(self) -> Iterator[Query]:
        try:
            with self.pool.connection() as connection, self.engine._snapshot(connection) as ask:
                yield ask
        except psycopg_pool.PoolTimeout as error:
            raise DatabaseUnreachableError(
                f"cannot reach {self.engine.location} ({error}); see that it runs, then try again"
            ) from error
