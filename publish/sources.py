"""What gold has for each served list table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from publish import gold
from publish.heard import Listening
from publish.names import RECOMMENDED_NAMES, SIMILAR_NAMES, with_names
from publish.popular import popular_by_genre
from publish.schema import POPULAR, RECOMMENDATIONS, SIMILAR, Table

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """The rows of a served table; `batches` reads them, or some lists, anew at each call.

    `note` hands on what is read of all rows, once.
    """

    table: Table
    rows: int
    read: Callable[[pa.Array[Any] | None], Iterator[pa.RecordBatch]]
    note: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]] = iter

    def batches(self, subjects: pa.Array[Any] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of these subjects' lists, or all of them."""
        return self.read(subjects)

    def noted(self) -> Iterator[pa.RecordBatch]:
        """All rows, noted on their way; to be called once, and read to the end."""
        return self.note(self.read(None))


def sources(
    lake: Path,
    recommendations: gold.GoldTable,
    *,
    tracks: pa.Table,
    listening: Listening,
) -> Iterator[Source]:
    """One for each list table; a table that is open is of one version, whatever is built meanwhile.

    Args:
        lake: The folder that holds `gold/`.
        recommendations: The gold table.
        tracks: What `publish.names.known_tracks` returns.
        listening: Is told what is recommended, and awaited last.

    Raises:
        GoldTableError: a table is missing, unreadable, or lacks a column.
    """
    recommended = _named(recommendations, tracks, RECOMMENDATIONS, RECOMMENDED_NAMES)
    yield replace(recommended, note=listening.offer)
    if gold.exists(lake, gold.SIMILAR):
        similar = gold.open_table(lake, gold.SIMILAR)
        yield _named(similar, tracks, SIMILAR, SIMILAR_NAMES)
    else:
        logger.info("gold has no similar_tracks yet: none are served")
        yield Source(SIMILAR, 0, lambda _: iter(()))
    lists = popular_by_genre(lake, tracks=tracks, heard=listening.heard)
    yield Source(POPULAR, len(lists), partial(_in_memory, lists, POPULAR))


def _named(
    rows: gold.GoldTable, tracks: pa.Table, table: Table, named: Mapping[str, Mapping[str, str]]
) -> Source:
    def read(subjects: pa.Array[Any] | None) -> Iterator[pa.RecordBatch]:
        return with_names(rows, tracks=tracks, table=table, named=named, subjects=subjects)

    return Source(table, rows.dataset.count_rows(), read)


def _in_memory(
    rows: pa.Table, table: Table, subjects: pa.Array[Any] | None
) -> Iterator[pa.RecordBatch]:
    some = rows if subjects is None else rows.filter(pc.field(table.subject).isin(subjects))
    yield from some.to_batches()
