"""What gold has for each served list table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from publish import gold
from publish.names import known_tracks, with_names
from publish.popular import popular_by_genre
from publish.schema import POPULAR, RECOMMENDATIONS, SIMILAR, Table

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """The rows of a served table; `batches` reads them anew at each call."""

    table: Table
    rows: int
    batches: Callable[[], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Sources:
    """One for each list table; `tracks` is what `publish.names.known_tracks` returns."""

    tracks: pa.Table
    recommendations: Source
    similar: Source
    popular: Source

    def __iter__(self) -> Iterator[Source]:
        return iter((self.recommendations, self.similar, self.popular))


def sources(lake: Path, recommendations: gold.GoldTable) -> Sources:
    """Open what belongs to the recommendations; a table that is open is of one version.

    Raises:
        GoldTableError: a table is missing, unreadable, or lacks a column.
    """
    tracks = known_tracks(lake)
    popular = popular_by_genre(lake, tracks=tracks)
    return Sources(
        tracks=tracks,
        recommendations=_named(recommendations, tracks, RECOMMENDATIONS, "track_id"),
        similar=_similar(lake, tracks),
        popular=Source(POPULAR, len(popular), lambda: iter(popular.to_batches())),
    )


def _named(rows: gold.GoldTable, tracks: pa.Table, table: Table, track: str) -> Source:
    batches = partial(with_names, rows, tracks=tracks, table=table, track=track)
    return Source(table, rows.dataset.count_rows(), batches)


def _similar(lake: Path, tracks: pa.Table) -> Source:
    if not gold.exists(lake, gold.SIMILAR):
        logger.info("gold has no similar_tracks yet: none are served")
        return Source(SIMILAR, 0, lambda: iter(()))
    return _named(gold.open_table(lake, gold.SIMILAR), tracks, SIMILAR, "similar_track_id")
