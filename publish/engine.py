"""What a serving database must be able to do; one module per engine implements it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from publish.schema import Table

if TYPE_CHECKING:
    import pyarrow as pa  # not at run time: reading does without it


class Query(Protocol):
    """Runs one statement with `?` placeholders."""

    def __call__(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows."""


class Database(Protocol):
    """A publication under way: one transaction on the tables of `publish.layout`."""

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement that both engines understand; rows as far as there are any."""

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run one statement that writes; how many rows it changed."""

    def insert(
        self, table: Table, part: int, *, since: int, batches: Iterable[pa.RecordBatch]
    ) -> int:
        """Add rows of a list table, in its columns' order, to a part; returns how many.

        Raises:
            PublicationRefusedError: a key is repeated, or a null is where none may be.
            PublicationFailedError: the database cannot take the rows, for instance a full disk.
        """

    def stage(self, subjects: pa.Array[Any]) -> None:
        """Replace the content of the temporary table `staged(subject)`."""

    def create_part(self, table: Table, part: int) -> None:
        """Make the table of a part, empty; `complete_part` follows when its rows are in."""

    def complete_part(self, table: Table, part: int) -> None:
        """Add what is quicker to make when the rows are there: key, statistics.

        Raises:
            PublicationRefusedError: a key is repeated.
        """

    def drop_parts(self, table: Table, *, but: set[int]) -> None:
        """Remove the parts of a list that no kept generation needs, now or after the commit."""

    def show(self, generation: int) -> None:
        """Make readers see a generation, of `generations`, from the commit on."""

    def commit(self) -> None:
        """Make all of it visible at once and durable; nothing is written afterwards."""


class Engine(Protocol):
    """A place to publish to and read from."""

    @property
    def location(self) -> str:
        """Where it is, fit for a log: never a password."""

    def publishing(self) -> AbstractContextManager[Database]:
        """Begin a publication; leaving before `commit` undoes it.

        Raises:
            PublicationUnderWayError: another process is publishing to the same place.
            NotAServingDatabaseError: something that is not ours would be replaced.
            DatabaseUnreachableError: the server does not answer, or does not let us in.
            PublicationFailedError: from within, when the database fails.
        """

    def reading(self) -> AbstractContextManager[Query]:
        """Open read-only; one generation for as long as it is open.

        Raises:
            NothingPublishedError: no generation has been published yet.
            NotAServingDatabaseError: what is there is not a serving database.
            DatabaseUnreachableError: the server does not answer, or does not let us read.
        """

    def readers(self, *, size: int) -> AbstractContextManager[Readers]:
        """Keep up to `size` connections open for many readings."""


class Readers(Protocol):
    """Open connections, to be used by many threads."""

    def reading(self) -> AbstractContextManager[Query]:
        """As `Engine.reading`, on a connection that is open already and stays so."""
