"""Where things are: read once from the environment, passed down."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import SettingsError
from publish.settings import default_url

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Settings:
    """Settings of a run.

    Attributes:
        lake: the lake's folder, absolute.
        api_url: the music API's base URL, if one is set.
        serving_url: the serving database; None for the SQLite file in the lake.
        pushgateway: URL of a Prometheus Pushgateway, if metrics go there.
        textfile: file that node_exporter's textfile collector reads, if they go there.
        instance: what this installation is called in the metrics.
        wait_seconds: how long to wait for another run on the lake to end.
        project: the dbt project's folder.
    """

    lake: Path
    api_url: str | None = None
    serving_url: str | None = None
    pushgateway: str | None = None
    textfile: Path | None = None
    instance: str = field(default_factory=socket.gethostname)
    wait_seconds: float = 0.0
    project: Path = PROJECT

    @classmethod
    def from_env(
        cls,
        *,
        lake: str | None = None,
        api_url: str | None = None,
        serving_url: str | None = None,
    ) -> Settings:
        """Read the environment; arguments overrule it.

        Raises:
            SettingsError: MEDLEY_WAIT is no number of seconds, MEDLEY_PUSHGATEWAY no address.
        """
        textfile = os.environ.get("MEDLEY_TEXTFILE")
        return cls(
            lake=Path(lake or os.environ.get("MEDLEY_LAKE") or "lake").expanduser().resolve(),
            api_url=api_url or os.environ.get("MEDLEY_API_URL") or None,
            serving_url=serving_url or os.environ.get("MEDLEY_SERVING_URL") or None,
            pushgateway=_address("MEDLEY_PUSHGATEWAY"),
            textfile=Path(textfile).expanduser().resolve() if textfile else None,
            instance=os.environ.get("MEDLEY_INSTANCE") or socket.gethostname(),
            wait_seconds=_seconds("MEDLEY_WAIT"),
        )

    @property
    def runs(self) -> Path:
        """The folder that holds a folder per run."""
        return self.lake / "runs"

    @property
    def serving(self) -> str:
        """The serving database's URL, the lake's own where none is set."""
        return self.serving_url or default_url(self.lake)

    @property
    def docs(self) -> Path:
        """The documentation site, one file."""
        return self.project / "target" / "static_index.html"


def _seconds(name: str) -> float:
    text = os.environ.get(name) or "0"
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise SettingsError(f"{name}={text!r} is no number of seconds")
    return seconds


def _address(name: str) -> str | None:
    text = os.environ.get(name) or None
    if text and not re.match(r"https?://[^/]", text):
        raise SettingsError(f"{name} is no address: it has to begin with http:// or https://")
    return text
