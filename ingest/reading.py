"""One endpoint read into the stage, and again when it moved in a way that could hide a record."""

from __future__ import annotations

import logging
from collections.abc import Callable

from xxhash import xxh3_64_intdigest

from ingest.batches import Manifest
from ingest.client import Client
from ingest.compare import Comparison, compare
from ingest.endpoints import Offset, PageNumber
from ingest.landing import Landing
from ingest.moments import moment
from ingest.pages import Page
from ingest.reader import Reader
from ingest.stage import Stage

logger = logging.getLogger(__name__)

TAILS = 3  # times that records added at the end are followed


def read(
    landing: Landing, batch: Manifest, client: Client, *, on_page: Callable[[Page, int], None]
) -> tuple[Stage, Comparison]:  # fmt: skip
    """Read all pages; when they moved so that a record may have hidden, read them once more.

    When they moved again, they are read a third time, from the last page to the first. What is
    pushed towards the end cannot pass a reader that goes there page by page, and what is pulled
    towards the start cannot pass one that comes from the end, so that both have all that stayed.
    """
    endpoint, moved = landing.endpoint, False
    parameter = endpoint.since.parameter if endpoint.since else None
    news = {parameter: landing.cursor} if parameter and landing.cursor else {}
    for again in (False, True):
        reader = Reader(endpoint, client, settings=landing.settings, news=news)
        if again:
            landing.restart()
            extra = {"event.dataset": "ingest", "event.action": "moved"}
            extra |= {"medley.endpoint": endpoint.name}
            logger.warning("%s moved while it was read: once more", endpoint.name, extra=extra)
        stage = Stage(landing.bronze, landing.folder, batch, endpoint)
        try:
            moved = _fill(stage, reader, landing, on_page, careful=again)
            if again and moved:
                for page in reader.backwards(stage.manifest.announced or stage.manifest.total):
                    stage.add(page)
                    on_page(page, stage.manifest.total)
        finally:
            stage.close()
        told = compare(stage, landing.known, unique=endpoint.unique)
        repeated = told.suspects if not moved and not reader.grew else {}
        if again or not (moved or _elsewhere(reader, repeated)):
            break
    return stage, told


def _fill(
    stage: Stage, reader: Reader, landing: Landing, on_page: Callable[[Page, int], None],
    *, careful: bool,
) -> bool:  # fmt: skip
    """Read to the end, and on while records are added there; say whether any may have hidden."""
    endpoint, told = landing.endpoint, stage.manifest
    newest_first = endpoint.since is not None and endpoint.since.order is not None
    since = moment(landing.cursor) if landing.cursor and newest_first else None
    counted = isinstance(endpoint.pages, PageNumber | Offset)
    for _ in range(TAILS):
        for page in reader.pages(told, careful=careful):
            stage.add(page)
            on_page(page, told.total)
            if since and any(moment(stamp) < since for stamp in page.stamps if stamp):
                return reader.shrank
        if not counted:
            return False
        first = reader.page(1)
        if (first.total or 0) <= (told.announced or 0):
            return reader.shrank or first.total != told.announced or first.who != told.first
        reader.grew, told.number, told.announced = True, told.number - 1, first.total
    return reader.shrank


def _elsewhere(reader: Reader, suspects: dict[int, set[int]]) -> bool:
    """Whether records that came twice have moved, rather than being there twice."""
    return any(
        not contents <= set(map(xxh3_64_intdigest, reader.page(number).payloads))
        for number, contents in suspects.items()
    )
