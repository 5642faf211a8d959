from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sample_api.settings import SampleSettings


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"users": -1}, "users is -1"),
        ({"tracks": 10**10}, "tracks is 10000000000"),
        ({"listens": -5}, "listens is -5"),
        ({"users": 0}, "at least one user"),
        ({"tracks": 0}, "set listens to 0"),
        ({"end": datetime(2026, 1, 1, tzinfo=UTC)}, "without a zone"),
        ({"end": datetime.fromisoformat("1969-01-01")}, "1990-01-01 or later"),
    ],
)
def test_impossible_settings_are_refused_by_name(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SampleSettings(**wrong)


def test_defaults_are_the_documented_ones() -> None:
    settings = SampleSettings()
    assert (settings.users, settings.tracks, settings.listens) == (1000, 2000, 20000)
    assert (settings.seed, settings.dirty) == (42, False)
    assert settings.end.isoformat() == "2026-11-01T00:00:00"
