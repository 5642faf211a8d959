"""A publication in PostgreSQL: a transaction that writes, and one that shows what was written."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, sql

from publish.ahead import ahead
from publish.errors import PublicationRefusedError, PublicationUnderWayError
from publish.layout import SERVED, SINCE, part_name
from publish.pgcopy import stream
from publish.pglayout import DATA, SCHEMA, Connection, create_tables, create_views, is_laid_out
from publish.pgparts import drop_unused
from publish.pgreaders import wait_for_plans
from publish.pgtext import noting_doubtful, refuse_merged, storable
from publish.pgupgrade import add_columns
from publish.schema import Table

if TYPE_CHECKING:
    import pyarrow as pa  # not at run time: reading does without it

logger = logging.getLogger(__name__)

PIECES_AHEAD = 4


def query(
    connection: Connection, statement: str, parameters: Sequence[object] = ()
) -> list[tuple[Any, ...]]:
    """Run one statement with `?` placeholders."""
    cursor = _run(connection, statement, parameters)
    return cursor.fetchall() if cursor.description else []


def _run(
    connection: Connection, statement: str, parameters: Sequence[object]
) -> psycopg.Cursor[tuple[Any, ...]]:
    values = [storable(value) if isinstance(value, str) else value for value in parameters]
    return connection.execute(statement.replace("?", "%s"), values)


def begin(connection: Connection) -> PostgresqlDatabase:
    """Make this the only publication to the database, for as long as the connection is open.

    Raises:
        PublicationUnderWayError: another connection is publishing.
    """
    lock = connection.execute("select pg_try_advisory_lock(hashtext(%s))", [SCHEMA])
    if lock.fetchone() != (True,):
        raise PublicationUnderWayError(
            "another publication to this database is under way; try again when it is done"
        )
    connection.execute("select set_config('search_path', %s, false)", [DATA])
    connection.commit()
    has_views = is_laid_out(connection)
    if has_views:
        add_columns(connection)
    else:
        create_tables(connection)
    return PostgresqlDatabase(connection, has_views=has_views)


def end(connection: Connection) -> None:
    """Undo what is not committed, and let the next publication in.

    The server notices a connection that is closed only some time later.
    """
    with suppress(psycopg.Error):  # a connection that is lost has ended already
        connection.rollback()
        connection.execute("select pg_advisory_unlock_all()")


@dataclass(frozen=True)
class PostgresqlDatabase:
    """See `publish.engine.Database`."""

    connection: Connection
    has_views: bool

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """See `publish.engine.Database`."""
        return query(self.connection, sql, parameters)

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """See `publish.engine.Database`."""
        return _run(self.connection, sql, parameters).rowcount

    def insert(
        self, table: Table, part: int, *, since: int, batches: Iterable[pa.RecordBatch]
    ) -> int:
        """See `publish.engine.Database`."""
        # A table made in this transaction may have frozen rows, which need no second visit.
        is_made = part == since
        told = {} if is_made else {"part": part, SINCE: since}
        columns = sql.SQL(", ").join(map(sql.Identifier, [*told, *table.names]))
        copy_in = sql.SQL("copy {} ({}) from stdin (format binary{})").format(
            sql.Identifier(part_name(table, part)), columns, sql.SQL(", freeze" if is_made else "")
        )
        doubtful: set[int] = set()
        pieces = stream(noting_doubtful(batches, doubtful), *told.values())
        try:
            cursor = self.connection.cursor()
            with cursor.copy(copy_in) as copy:
                for piece in ahead(pieces, by=PIECES_AHEAD):
                    copy.write(piece)
        except errors.IntegrityError as error:
            raise PublicationRefusedError(
                f"{table.name}: a value is missing ({line(error)})"
            ) from error
        if doubtful:
            refuse_merged(self.query, table, part)
        return cursor.rowcount

    def stage(self, subjects: pa.Array[Any]) -> None:
        """See `publish.engine.Database`."""
        self.query("drop table if exists pg_temp.staged")
        self.query('create temporary table staged (subject text collate "C") on commit drop')
        import pyarrow as pa

        batch = pa.RecordBatch.from_arrays([subjects], ["subject"])
        with self.connection.cursor().copy("copy staged from stdin (format binary)") as copy:
            for piece in stream([batch]):
                copy.write(piece)
        self.query("analyze staged")

    def create_part(self, table: Table, part: int) -> None:
        """See `publish.engine.Database`; attached while empty, which locks out no reader.

        What is the same in all rows that fill it is a default, so that it is not sent with each.
        """
        parent, name = sql.Identifier(table.name), sql.Identifier(part_name(table, part))
        self.connection.execute(sql.SQL("create table {} (like {})").format(name, parent))
        number = sql.Literal(part)
        defaults = sql.SQL("alter table {} alter part set default {}, alter {} set default {}")
        self.connection.execute(defaults.format(name, number, sql.Identifier(SINCE), number))
        attach = sql.SQL("alter table {} attach partition {} for values in ({})")
        self.connection.execute(attach.format(parent, name, number))

    def complete_part(self, table: Table, part: int) -> None:
        """See `publish.engine.Database`.

        Lists are looked up whole, and their profile tells a repeated rank; so the index is of
        subjects only: a quarter of the size, and made in less time.
        """
        name, subject = sql.Identifier(part_name(table, part)), sql.Identifier(table.subject)
        self.connection.execute(sql.SQL("create index on {} ({})").format(name, subject))
        self.connection.execute(sql.SQL("analyze {} ({})").format(name, subject))

    def drop_parts(self, table: Table, *, but: set[int]) -> None:
        """Nothing yet: see `commit`."""

    def show(self, generation: int) -> None:
        """Update the row that the views follow, once all readers know what it leads to.

        What is written is committed before, and seen by nobody: if this is as far as it comes, the
        next publication takes its place, as that of a generation that was rolled back.
        """
        if self.has_views:
            self.connection.commit()
            wait_for_plans(self.connection)
        columns = ", ".join(SERVED.names)
        self.query("delete from served")
        self.query(
            f"insert into served ({columns}) select {columns} from generations"  # noqa: S608
            " where generation = ?",
            [generation],
        )
        if not self.has_views:
            create_views(self.connection)

    def commit(self) -> None:
        """See `publish.engine.Database`; then the parts that are not needed go, as far as they can.

        The generation is served by now, so what goes wrong here is no failure.
        """
        self.connection.commit()
        try:
            self.connection.autocommit = True
            drop_unused(self.connection)
        except psycopg.Error as error:
            logger.warning("former parts stay until the next publication: %s", line(error))


def line(error: psycopg.Error) -> str:
    """What PostgreSQL says, in one line."""
    return " ".join(str(error).split())
