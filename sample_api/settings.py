"""What the sample API is made of: its sizes, its seed, its calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LARGEST_SIZE = 1_000_000_000
EARLIEST_END = datetime(1990, 1, 1)  # noqa: DTZ001 - the contract's timestamps have no zone
LISTENING_WINDOW = timedelta(days=730)
"""Sessions are created in this span before `SampleSettings.end`."""


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """Sizes, seed and calendar of a sample API; equal settings give equal answers.

    Attributes:
        users: Number of users, silent ones included.
        tracks: Number of tracks.
        listens: Number of listening records, each one session of 3 to 12 tracks.
        seed: Any whole number; another seed is another world.
        dirty: Add the faults that a real service shows.
        end: Moment (no zone, as in the contract) at which the last session may start.

    Raises:
        ValueError: If a size is out of range, listening records have nobody to listen or nothing
            to hear, or `end` has a zone or is too early.
    """

    users: int = 1000
    tracks: int = 2000
    listens: int = 20000
    seed: int = 42
    dirty: bool = False
    end: datetime = datetime(2026, 11, 1)  # noqa: DTZ001 - the contract's timestamps have no zone

    def __post_init__(self) -> None:
        for name in ("users", "tracks", "listens"):
            size = getattr(self, name)
            if not 0 <= size <= LARGEST_SIZE:
                raise ValueError(f"{name} is {size}; give a number from 0 to {LARGEST_SIZE}")
        if self.listens and not (self.users and self.tracks):
            raise ValueError(
                f"{self.listens} listens need at least one user and one track; "
                f"raise users ({self.users}) and tracks ({self.tracks}), or set listens to 0"
            )
        if self.end.tzinfo is not None:
            raise ValueError(f"end is {self.end.isoformat()}; give it without a zone")
        if self.end < EARLIEST_END:
            raise ValueError(f"end is {self.end.isoformat()}; give 1990-01-01 or later")
