"""Connections of dbt's threads: all of them the one session."""

from __future__ import annotations

from typing import Any

from dbt.adapters.contracts.connection import Connection as DbtConnection
from dbt.adapters.contracts.connection import ConnectionState
from dbt.adapters.spark.connections import SparkConnectionManager
from dbt.adapters.spark.session import Connection, Cursor, SessionConnectionWrapper
from dbt.adapters.sparksession.events import at_work
from dbt.adapters.sparksession.session import session_for
from dbt_common.exceptions import DbtDatabaseError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession


class SessionCursor(Cursor):
    """A cursor that runs on a given session and leaves its settings alone."""

    def __init__(self, session: SparkSession) -> None:
        super().__init__()
        self.session = session

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run one statement.

        Raises:
            DbtDatabaseError: Spark refused or failed it; the message is Spark's, without the
                Java stack.
        """
        if parameters:
            sql = sql % parameters
        try:
            self._df = self.session.sql(sql)
        except PySparkException as error:
            raise DbtDatabaseError(message_of(error)) from error

    def fetchall(self) -> list[Any] | None:
        """All rows of the last statement.

        Raises:
            DbtDatabaseError: the query failed while it ran.
        """
        try:
            rows: list[Any] | None = super().fetchall()
        except PySparkException as error:
            raise DbtDatabaseError(message_of(error)) from error
        return rows


def message_of(error: Exception) -> str:
    """What Spark said, up to where the query, its plan or the Java stack starts.

    Of an exception in a Python worker, the exception alone.
    """
    text = str(error)
    for start in ("\n\nJVM stacktrace:", "\n\n== SQL", ";\n'", "\n\tat "):
        text = text.split(start)[0]
    if "Traceback (most recent call last)" in text:
        text = text.strip().rsplit("\n", 1)[-1]
    return text.strip()


class SessionHandle(Connection):
    """What dbt takes for a database connection."""

    def __init__(self, session: SparkSession) -> None:
        super().__init__()
        self.session = session

    def cursor(self) -> SessionCursor:
        """A new cursor on the session."""
        return SessionCursor(self.session)


class SparkSessionConnectionManager(SparkConnectionManager):
    """Hands the process's Spark session to each of dbt's threads."""

    TYPE = "sparksession"

    @classmethod
    def open(cls, connection: DbtConnection) -> DbtConnection:
        """Open a connection: start the session if this is the first."""
        if connection.state != ConnectionState.OPEN:
            handle = SessionHandle(session_for(connection.credentials))
            connection.handle = SessionConnectionWrapper(handle)
            connection.state = ConnectionState.OPEN
            at_work(connection.name)
        return connection

    def set_connection_name(self, name: str | None = None) -> DbtConnection:
        """Name the thread's connection after the node it works for, and tell the JVM of it."""
        connection = super().set_connection_name(name)
        at_work(connection.name)
        return connection

    def session(self) -> SparkSession:
        """The Spark session behind the current thread's connection."""
        session: SparkSession = self.get_thread_connection().handle.handle.session
        return session
