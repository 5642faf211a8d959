"""What gold has for each served list table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from publish import gold
from publish.names import with_names
from publish.schema import POPULAR, RECOMMENDATIONS, SIMILAR, Table

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """The rows of a served table; `batches` reads them anew at each call."""

    table: Table
    rows: int
    batches: Callable[[], Iterator[pa.RecordBatch]]


def sources(
    lake: Path,
    recommendations: gold.GoldTable,
    *,
    tracks: pa.Table,
    popular: Future[pa.Table],
) -> Iterator[Source]:
    """One for each list table; a table that is open is of one version, whatever is built meanwhile.

    Args:
        lake: The folder that holds `gold/`.
        recommendations: The gold table.
        tracks: What `publish.names.known_tracks` returns.
        popular: What `publish.popular.popular_by_genre` will return; awaited last.

    Raises:
        GoldTableError: a table is missing, unreadable, or lacks a column.
    """
    yield _named(recommendations, tracks, RECOMMENDATIONS, "track_id")
    if gold.exists(lake, gold.SIMILAR):
        yield _named(gold.open_table(lake, gold.SIMILAR), tracks, SIMILAR, "similar_track_id")
    else:
        logger.info("gold has no similar_tracks yet: none are served")
        yield Source(SIMILAR, 0, lambda: iter(()))
    lists = popular.result()
    yield Source(POPULAR, len(lists), lambda: iter(lists.to_batches()))


def _named(rows: gold.GoldTable, tracks: pa.Table, table: Table, track: str) -> Source:
    batches = partial(with_names, rows, tracks=tracks, table=table, track=track)
    return Source(table, rows.dataset.count_rows(), batches)
