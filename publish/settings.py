"""Where gold is and where it is published to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from publish.errors import SettingError

DEFAULT_LAKE = Path("lake")
KEPT = 3


def kept(environ: Mapping[str, str] = os.environ) -> int:
    """How many generations are kept: MEDLEY_KEEP_GENERATIONS, 3 when it is not set.

    Raises:
        SettingError: it is no number from 1 up.
    """
    value = environ.get("MEDLEY_KEEP_GENERATIONS") or str(KEPT)
    if not value.isdecimal() or int(value) < 1:
        raise SettingError(f"MEDLEY_KEEP_GENERATIONS={value} is no number from 1 up")
    return int(value)


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
