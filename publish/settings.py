"""Where gold is and where it is published to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_LAKE = Path("lake")
KEPT = 3


def default_url(lake: Path) -> str:
    """The embedded serving database of a lake."""
    return f"sqlite:///{lake}/serving/medley.db"


@dataclass(frozen=True)
class PublishSettings:
    """The lake that is read and the URL of the database that is written."""

    lake: Path
    url: str

    @classmethod
    def from_env(
        cls,
        *,
        lake: Path | None = None,
        url: str | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> PublishSettings:
        """What is passed wins over MEDLEY_LAKE and MEDLEY_SERVING_URL; these win over the defaults.

        An empty variable counts as not set.
        """
        lake = lake or Path(environ.get("MEDLEY_LAKE") or DEFAULT_LAKE)
        return cls(lake=lake, url=url or environ.get("MEDLEY_SERVING_URL") or default_url(lake))
