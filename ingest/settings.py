"""Settings of a load, read once and passed down."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import SettingsError

ENDPOINTS_FILE = Path(__file__).with_name("endpoints.yml")


@dataclass(frozen=True, kw_only=True)
class IngestSettings:
    """Where to read, where to land, how hard to try.

    `lake` is a folder or a URI (file://, s3://bucket/path?region=...). `timeout_seconds` bounds the
    connecting and each silence of the server; a whole answer may take ten times as long.
    `backoff_seconds` is the first wait and doubles with each attempt. A reading that was killed is
    taken up again for `window_hours`. The shares are of the last read's records, and of this one's.
    """

    api_url: str
    lake: Path | str = field(default=Path("lake"), repr=False)
    token: str | None = field(default=None, repr=False)
    workers: int = 24
    page_size: int = 100
    requests_per_second: float | None = None
    timeout_seconds: float = 30.0
    max_attempts: int = 5
    backoff_seconds: float = 0.5
    max_answer_bytes: int = 64 * 2**20
    max_pages: int = 1_000_000
    window_hours: float = 6.0
    max_shrinkage: float = 0.2
    max_rejected: float = 0.2
    accept_shrinkage: bool = False
    full: bool = False
    gate: bool = True
    endpoints_file: Path = ENDPOINTS_FILE

    def __post_init__(self) -> None:
        """Raise SettingsError for the first value that cannot work, never quoting a secret."""
        _check_url(self.api_url)
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            raise SettingsError("MEDLEY_API_TOKEN holds a character that no HTTP header can carry")
        for name in ("workers", "page_size", "timeout_seconds", "max_attempts", "max_answer_bytes"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} must be above 0, not {getattr(self, name)}")

    @classmethod
    def from_env(cls, **overrides: Any) -> IngestSettings:
        """Take MEDLEY_API_URL, MEDLEY_API_TOKEN and MEDLEY_LAKE; overrides win unless None."""
        values = {
            "api_url": os.environ.get("MEDLEY_API_URL", ""),
            "token": os.environ.get("MEDLEY_API_TOKEN", "").strip() or None,
            "lake": os.environ.get("MEDLEY_LAKE") or "lake",
        } | {name: value for name, value in overrides.items() if value is not None}
        return cls(**values)


def _check_url(url: str) -> None:
    if not url:
        raise SettingsError("no API address: set MEDLEY_API_URL or give --api-url")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError("the API address must look like http://host:port or https://host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            "the API address must be without user, query or fragment: they would be stored with "
            "every record; give the token in MEDLEY_API_TOKEN"
        )
