"""Timestamps as the API sends them: ISO 8601, UTC where they name no zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

EARLIEST, MARGIN = datetime(1970, 1, 1), timedelta(days=2)  # noqa: DTZ001 - how far clocks differ
_zone = attrgetter("tzinfo")


def plausible(stamps: Sequence[str | None]) -> bool:
    """Whether all are moments in ISO 8601 from 1970 until now, or null."""
    given: Any = [stamp for stamp in stamps if stamp is not None] if None in stamps else stamps
    try:
        moments = list(map(datetime.fromisoformat, given))
    except ValueError:
        return False
    if any(map(_zone, moments)):
        moments = [moment.replace(tzinfo=None) for moment in moments]
    latest = datetime.now(UTC).replace(tzinfo=None) + MARGIN
    return not moments or (min(moments) >= EARLIEST and max(moments) <= latest)


def moment(stamp: str) -> datetime:
    """A timestamp as a moment that can be compared; UTC where it has no zone."""
    found = datetime.fromisoformat(stamp)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
