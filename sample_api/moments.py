"""Moments as whole microseconds since 1970, written the way the contract writes them."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from sample_api.noise import Ints
from sample_api.settings import LISTENING_WINDOW, SampleSettings

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the contract's timestamps have no zone
_MICROSECOND = timedelta(microseconds=1)

SECOND = 1_000_000
DAY = 86_400 * SECOND
WINDOW = LISTENING_WINDOW // _MICROSECOND


def end_of(settings: SampleSettings) -> int:
    """The moment at which the last session may start."""
    return (settings.end - _EPOCH) // _MICROSECOND


def opening_of(settings: SampleSettings) -> int:
    """The moment at which the first session may start; users and tracks are older."""
    return end_of(settings) - WINDOW


def iso_texts(moments: Ints) -> list[str]:
    """ISO 8601 with microseconds and without a zone, as in `2026-11-13T14:14:28.165448`."""
    texts: list[str] = np.datetime_as_string(moments.astype("datetime64[us]")).tolist()
    return texts


def moved(text: str, microseconds: int) -> str:
    """The same moment, later (or earlier, when negative) by so many microseconds."""
    moment = datetime.fromisoformat(text) + timedelta(microseconds=microseconds)
    return moment.isoformat(timespec="microseconds")
