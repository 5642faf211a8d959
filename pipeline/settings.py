"""Where things are: read once from the environment, passed down."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Settings:
    """Settings of a run.

    Attributes:
        lake: the lake's folder, absolute.
        api_url: the music API's base URL, if one is set.
        serving_url: the serving database; None for the SQLite file in the lake.
        project: the dbt project's folder.
    """

    lake: Path
    api_url: str | None = None
    serving_url: str | None = None
    project: Path = PROJECT

    @classmethod
    def from_env(
        cls,
        *,
        lake: str | None = None,
        api_url: str | None = None,
        serving_url: str | None = None,
    ) -> Settings:
        """Read MEDLEY_LAKE, MEDLEY_API_URL and MEDLEY_SERVING_URL; arguments overrule them."""
        return cls(
            lake=Path(lake or os.environ.get("MEDLEY_LAKE") or "lake").expanduser().resolve(),
            api_url=api_url or os.environ.get("MEDLEY_API_URL") or None,
            serving_url=serving_url or os.environ.get("MEDLEY_SERVING_URL") or None,
        )

    @property
    def runs(self) -> Path:
        """The folder that holds a folder per run."""
        return self.lake / "runs"

    @property
    def docs(self) -> Path:
        """The documentation site, one file."""
        return self.project / "target" / "static_index.html"
