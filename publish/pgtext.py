"""PostgreSQL's text holds no NUL character: what takes its place, and what that can mix up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from publish.engine import Query
from publish.errors import PublicationRefusedError
from publish.layout import UNTIL, part_name
from publish.schema import Table

if TYPE_CHECKING:
    import pyarrow as pa  # not at run time: reading does without it

REPLACEMENT = "\ufffd"


def storable(text: str) -> str:
    """PostgreSQL's text holds no NUL character: U+FFFD takes its place."""
    return text.replace("\0", REPLACEMENT)


def noting_doubtful(batches: Iterable[pa.RecordBatch], found: set[int]) -> Iterator[pa.RecordBatch]:
    """The batches; `found` stays empty if no two texts of a first column can become the same."""
    for number, batch in enumerate(batches):
        texts = batch.column(0)
        data = getattr(texts, "dictionary", texts).buffers()[2]
        held = data.to_pybytes() if data else b""
        if b"\0" in held or REPLACEMENT.encode() in held:
            found.add(number)
        yield batch


def refuse_merged(query: Query, table: Table, part: int) -> None:
    """Subjects that only a NUL character tells apart have become one.

    Raises:
        PublicationRefusedError: names it.
    """
    subject, rank = table.key
    repeated = query(
        f"select {subject} from {part_name(table, part)} where {UNTIL} is null"  # noqa: S608
        f" group by {subject}, {rank} having count(*) > 1 limit 1"
    )
    if repeated:
        raise PublicationRefusedError(
            f"{table.name}: several {table.subject} are {repeated[0][0]!r} where PostgreSQL"
            " stores no NUL character; rename one of them, or publish to SQLite"
        )
