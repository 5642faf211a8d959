"""Options that several commands have, and the settings they make."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from ingest.errors import SettingsError
from pipeline.settings import Settings

PLAIN_WIDTH = 110

lake_option = click.option("--lake", help="Folder of the lake.  [default: $MEDLEY_LAKE or ./lake]")
api_url_option = click.option(
    "--api-url", help="Address of the music API.  [default: $MEDLEY_API_URL]"
)
force_option = click.option("--force", is_flag=True, help="Work even when nothing is new.")
skip_option = click.option(
    "--skip-exit-code",
    type=click.IntRange(0, 255),
    default=0,
    help="Exit status when nothing was new, for a scheduler.  [default: 0]",
)


def settings_of(**given: str | None) -> Settings:
    """The settings of the environment, overruled by what is given; a wrong one is wrong usage."""
    try:
        return Settings.from_env(**given)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def console() -> Console:
    """Where there is no terminal, as wide as the tables need."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
