"""How fresh each layer is: when it was written, and the newest landing that it holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ingest.batches import Manifest, visible
from ingest.endpoints import load_endpoints
from ingest.moments import moment
from ingest.settings import ENDPOINTS_FILE
from pipeline.record import Freshness
from pipeline.tables import Extent, extent_of, newest, tables_of, written_at
from publish.errors import PublishError
from publish.reader import Generation, generation

# The table by which a layer is judged: listening is what is new every day, and built last.
JUDGED_BY = {"silver": "listen_history", "gold": "fct_listen_history"}
LISTENED = "listened_at"
LISTS = "recommendations"


def freshness(lake: Path, serving_url: str) -> list[Freshness]:
    """The freshness of every layer that there is, from bronze to what is served."""
    batches = landed(lake)
    found = [*_bronze(lake, batches), *_built(lake, batches)]
    made_of = next((layer for layer in found if layer.layer == "gold"), None)
    for lists in [*_lists(lake, batches), *_serving(serving_url, batches)]:
        if made_of and made_of.landed_at == lists.landed_at:
            lists.data_at = made_of.data_at
        found.append(lists)
    return found


def landed(lake: Path) -> list[Manifest]:
    """The visible batches of all endpoints, in the order in which they landed."""
    endpoints = load_endpoints(ENDPOINTS_FILE)
    batches = [batch for endpoint in endpoints for batch in visible(lake, endpoint.name)]
    return sorted(batches, key=_landed_at)


def landed_by(batches: Sequence[Manifest], until: datetime) -> str | None:
    """The last landing up to a moment."""
    known = [batch for batch in batches if _landed_at(batch) <= until]
    return known[-1].finished_at if known else None


def served(serving_url: str) -> Generation | None:
    """The generation that is being served, if there is one."""
    try:
        return generation(serving_url)
    except PublishError:
        return None


def _landed_at(batch: Manifest) -> datetime:
    return moment(batch.finished_at or batch.started_at)


def _bronze(lake: Path, batches: list[Manifest]) -> list[Freshness]:
    if not batches:
        return []
    when = _landed_at(batches[-1])
    stamps = [moment(batch.cursor) for batch in batches if batch.cursor]
    data = max(stamps, default=None)
    return [_fresh("bronze", when, when, batches, data=data, tables=tables_of(lake / "bronze"))]


def _built(lake: Path, batches: list[Manifest]) -> list[Freshness]:
    layers = []
    for name, judge in JUDGED_BY.items():
        table = lake / name / judge
        if table.is_dir():
            when, data = written_at(table), newest(table, LISTENED)
            tables = tables_of(lake / name)
            layers.append(_fresh(name, when, when, batches, data=data, tables=tables))
    return layers


def _lists(lake: Path, batches: list[Manifest]) -> list[Freshness]:
    table = lake / "gold" / LISTS
    if not table.is_dir():
        return []
    when = written_at(table)
    return [_fresh(LISTS, when, when, batches, tables=[table])]


def _serving(url: str, batches: list[Manifest]) -> list[Freshness]:
    """What is served is as new as its lists, whenever it was published."""
    if not (now := served(url)):
        return []
    layer = _fresh("serving", now.published_at, now.generated_at, batches)
    layer.rows = now.recommendation_count
    return [layer]


def _fresh(
    name: str,
    written: datetime,
    until: datetime,
    batches: list[Manifest],
    *,
    data: datetime | None = None,
    tables: Sequence[Path] = (),
) -> Freshness:
    extents: list[Extent] = [extent for table in tables if (extent := extent_of(table))]
    return Freshness(
        layer=name,  # type: ignore[arg-type]
        written_at=_text(written),
        landed_at=landed_by(batches, until),
        data_at=_text(data) if data else None,
        tables=len(extents) or None,
        rows=sum(extent.rows for extent in extents) if extents else None,
        bytes=sum(extent.bytes for extent in extents) if extents else None,
    )


def _text(when: datetime) -> str:
    return when.astimezone(UTC).isoformat()
