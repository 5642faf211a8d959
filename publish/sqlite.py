"""SQLite: one file in WAL mode, so that nobody who reads waits for the publication, or sees half.

A statement on a connection that stays open sees the newest generation; a transaction keeps its
own. The first generation, and one that replaces a file of an earlier layout, is built in a file
beside it and renamed over it.
"""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from publish.engine import Database, Query, Readers
from publish.errors import (
    DatabaseUnreachableError,
    NotAServingDatabaseError,
    NothingPublishedError,
    PublicationFailedError,
)
from publish.schema import GENERATION
from publish.sqlitedb import SqliteDatabase, add_columns, create_layout
from publish.swap import built_beside, locked, swap_in

APPLICATION_ID = 0x4D65646C  # "Medl", in the header of the file
LAYOUT = 3
COLUMNS_SINCE = 2  # the same tables with fewer columns
MAY_NOT_OPEN = ("unable to open", "readonly")  # what SQLite says without the rights
CACHE_KIB = 65_536
WAIT_SECONDS = 10
READERS_WAIT_MILLISECONDS = 1_000
# Nobody reads a file while it is built beside, and an unfinished one is thrown away: no journal.
BESIDE = ("journal_mode = off", "synchronous = off", "locking_mode = exclusive")
IN_PLACE = ("synchronous = full", "wal_autocheckpoint = 0")
# Debian's SQLite overwrites with zeros what is deleted: a former part would be written once more.
TUNED = (f"cache_size = -{CACHE_KIB}", "temp_store = memory", "secure_delete = off")


@dataclass(frozen=True)
class SqliteEngine:
    """The serving database in one SQLite file."""

    path: Path

    @property
    def location(self) -> str:
        """The file."""
        return str(self.path)

    @contextmanager
    def publishing(self) -> Iterator[Database]:
        """See `publish.engine.Engine`; a link stays a link, what it points to is replaced."""
        target = self.path.resolve()
        try:
            with locked(target):
                in_place = _layout(target) in (LAYOUT, COLUMNS_SINCE)
                with self._in_place(target) if in_place else self._beside(target) as database:
                    yield database
        except sqlite3.Error as error:
            raise PublicationFailedError(
                f"{target} did not take the publication: {error}; what is served stays as it is"
            ) from error

    @contextmanager
    def _in_place(self, target: Path) -> Iterator[Database]:
        with closing(sqlite3.connect(target, WAIT_SECONDS, isolation_level=None)) as connection:
            _tune(connection, *IN_PLACE, *TUNED)

            def emptied() -> None:
                """Bring the WAL's pages into the file; one that readers hold on to is left."""
                connection.execute(f"pragma busy_timeout = {READERS_WAIT_MILLISECONDS}")
                connection.execute("pragma wal_checkpoint(truncate)").fetchall()

            connection.execute("begin immediate")
            if _layout(target) == COLUMNS_SINCE:
                add_columns(connection)
                _tune(connection, f"user_version = {LAYOUT}")
            yield SqliteDatabase(connection, str(target), emptied)

    @contextmanager
    def _beside(self, target: Path) -> Iterator[Database]:
        with (
            built_beside(target) as path,
            closing(sqlite3.connect(path, isolation_level=None)) as connection,
        ):
            _tune(connection, *BESIDE, *TUNED)
            _tune(connection, f"application_id = {APPLICATION_ID}", f"user_version = {LAYOUT}")

            def renamed() -> None:
                _tune(connection, "locking_mode = normal", "journal_mode = wal")
                connection.close()
                swap_in(path, target)

            connection.execute("begin")
            create_layout(connection)
            yield SqliteDatabase(connection, str(path), renamed)

    @contextmanager
    def reading(self) -> Iterator[Query]:
        """See `publish.engine.Engine`."""
        with closing(self._connected()) as connection, _snapshot(connection) as query:
            yield query

    @contextmanager
    def readers(self, *, size: int) -> Iterator[Readers]:
        """See `publish.engine.Engine`; a file that was replaced is opened anew."""
        with ExitStack() as stack:
            idle: queue.LifoQueue[_Open | None] = queue.LifoQueue()
            for _ in range(size):
                idle.put(None)
            yield _SqliteReaders(self, idle, stack)

    def _connected(self, *, check_same_thread: bool = True) -> sqlite3.Connection:
        """Open the file to read.

        Raises:
            NothingPublishedError: there is none.
            NotAServingDatabaseError: it is something else.
            DatabaseUnreachableError: this user may not open it.
        """
        path = self.path.resolve()
        layout = _layout(path)
        if layout != LAYOUT:
            what = "was made by an earlier version of Medley" if layout else "holds nothing yet"
            raise NothingPublishedError(f"{path} {what}; run `medley publish`")
        uri = f"{path.as_uri()}?mode=ro"
        return sqlite3.connect(
            uri, WAIT_SECONDS, isolation_level=None, uri=True, check_same_thread=check_same_thread
        )


@dataclass(frozen=True)
class _Open:
    connection: sqlite3.Connection
    inode: int


@dataclass(frozen=True)
class _SqliteReaders:
    engine: SqliteEngine
    idle: queue.LifoQueue[_Open | None]
    stack: ExitStack

    @contextmanager
    def reading(self) -> Iterator[Query]:
        opened = self.idle.get()
        try:
            opened = self._current(opened)
            with _snapshot(opened.connection) as query:
                yield query
        finally:
            self.idle.put(opened)

    def _current(self, opened: _Open | None) -> _Open:
        with suppress(OSError):
            inode = self.engine.path.stat().st_ino
            if opened and opened.inode == inode:
                return opened
            if opened:
                opened.connection.close()
            connection = self.engine._connected(check_same_thread=False)
            self.stack.callback(connection.close)
            return _Open(connection, inode)
        path = self.engine.path
        raise NothingPublishedError(f"{path} holds nothing yet; run `medley publish`")


@contextmanager
def _snapshot(connection: sqlite3.Connection) -> Iterator[Query]:
    """One generation from the first statement to the end."""
    try:
        connection.execute("begin")
        connection.execute(f"select 1 from {GENERATION.name}")  # noqa: S608
        yield lambda sql, parameters=(): connection.execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        [(_, _, path)] = connection.execute("pragma database_list").fetchall()[:1]
        raise DatabaseUnreachableError(f"cannot read {path}: {error}") from error
    finally:
        if connection.in_transaction:
            connection.execute("rollback")


def _tune(connection: sqlite3.Connection, *pragmas: str) -> None:
    for pragma in pragmas:
        connection.execute(f"pragma {pragma}").fetchall()


def _layout(path: Path) -> int:
    """Which layout a file has; 0 when there is none yet, 1 for what earlier versions made.

    Raises:
        NotAServingDatabaseError: it is something else, or of a later version.
    """
    try:
        if not path.exists() or (path.is_file() and not path.stat().st_size):
            return 0
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            [(application,)] = connection.execute("pragma application_id")
            [(version,)] = connection.execute("pragma user_version")
            if application != APPLICATION_ID:
                connection.execute("select model_version, recommendation_count from generation")
                version = 1
    except sqlite3.OperationalError as error:
        if path.is_file() and any(text in str(error) for text in MAY_NOT_OPEN):
            raise DatabaseUnreachableError(
                f"cannot open {path}: this user needs to read it, and to write to its folder,"
                " where SQLite keeps the -shm file that readers and publisher share"
            ) from error
        raise _not_ours(path, error) from error
    except OSError as error:
        raise DatabaseUnreachableError(f"cannot open {path}: {error.strerror}") from error
    except sqlite3.Error as error:
        raise _not_ours(path, error) from error
    if version > LAYOUT:
        raise NotAServingDatabaseError(
            f"{path} was made by a later version of Medley (layout {version}, not {LAYOUT});"
            " update Medley, or name another place with --to"
        )
    return int(version)


def _not_ours(path: Path, error: Exception) -> NotAServingDatabaseError:
    return NotAServingDatabaseError(
        f"{path} is not a serving database ({error}); move it away, then run"
        " `medley publish`, or name another one with --to"
    )
