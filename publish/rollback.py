"""Go back to the generation before; it is there still, so nothing is written but its number."""

from __future__ import annotations

import logging
from pathlib import Path

from publish import store
from publish.errors import NothingOlderError, NothingPublishedError
from publish.url import engine_for

logger = logging.getLogger(__name__)


def rollback(*, url: str | Path) -> int:
    """Serve the generation before the one that is served; returns its number.

    The one that is left stays until the next publication, which takes its place.

    Raises:
        NothingPublishedError: nothing is served.
        NothingOlderError: no older generation is kept.

    and what `publish` raises of the database.
    """
    engine = engine_for(url)
    with engine.publishing() as database:
        now = store.served(database)
        if now is None:
            raise NothingPublishedError(
                f"nothing is published at {engine.location}; run `medley publish`"
            )
        older = store.before(database, now.generation)
        if older is None:
            raise NothingOlderError(
                f"no generation older than {now.generation} is kept at {engine.location};"
                " what is served stays as it is"
            )
        database.show(older)
        database.commit()
    extra = {"medley.generation": older, "event.dataset": "publish"}
    logger.info("rolled back", extra=extra | {"event.action": "rolled-back"})
    return older
