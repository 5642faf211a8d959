"""`python -m ingest`: exit status 0 done or unchanged, 1 failed, 2 wrong usage or settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ingest.errors import LoaderError, SettingsError
from ingest.progress import shown
from ingest.service import ingest
from ingest.settings import IngestSettings


@click.command("ingest")
@click.argument("endpoints", nargs=-1, metavar="[ENDPOINT]...")
@click.option("--api-url", help="Address of the music API [env MEDLEY_API_URL].")
@click.option("--lake", type=click.Path(path_type=Path), help="Lake folder [env MEDLEY_LAKE].")
@click.option("--workers", type=click.IntRange(1), help="Pages fetched side by side [4].")
@click.option("--page-size", type=click.IntRange(1), help="Records a page [100].")
@click.option("--full", is_flag=True, help="Land even when nothing changed.")
def command(endpoints: tuple[str, ...], **options: Any) -> None:
    """Load the music API into the bronze layer: the ENDPOINTs named, or all."""
    try:
        settings = IngestSettings.from_env(**options)
        with shown(sys.stderr) as on_progress:
            ingest(settings, endpoints=endpoints, on_progress=on_progress)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    except LoaderError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    command(prog_name="python -m ingest")
