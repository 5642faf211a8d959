"""What a serving database must be able to do; one module per engine implements it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from publish.schema import Table

if TYPE_CHECKING:
    import pyarrow as pa  # not at run time: reading does without it


class Query(Protocol):
    """Runs one select with `?` placeholders; all calls see the same generation."""

    def __call__(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows."""


class Building(Protocol):
    """A generation that is being written where no reader sees it."""

    def write(self, table: Table, batches: Iterable[pa.RecordBatch]) -> None:
        """Write all rows of a table, once, in the schema `publish.arrow.arrow_schema(table)`.

        Raises:
            PublicationRefusedError: a key is repeated, or a null is where none may be.
            PublicationFailedError: the database cannot take the rows, for instance a full disk.
        """

    def name_of(self, table: Table) -> str:
        """How a select names the table while it is built."""

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one select over what has been written so far."""

    def make_visible(self) -> None:
        """Replace the served generation by this one, at once; nothing is written afterwards."""


class Engine(Protocol):
    """A place to publish to and read from."""

    @property
    def location(self) -> str:
        """Where it is, fit for a log: never a password."""

    def building(self) -> AbstractContextManager[Building]:
        """Begin a generation; leaving before `make_visible` discards it.

        Raises:
            PublicationUnderWayError: another process is publishing to the same place.
            NotAServingDatabaseError: something that is not ours would be replaced.
            DatabaseUnreachableError: the server does not answer, or does not let us in.
        """

    def reading(self) -> AbstractContextManager[Query]:
        """Open read-only; one generation for as long as it is open.

        Raises:
            NothingPublishedError: no generation has been published yet.
            NotAServingDatabaseError: what is there is not a serving database.
            DatabaseUnreachableError: the server does not answer, or does not let us read.
        """
