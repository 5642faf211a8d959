"""`python -m ingest`: exit status 0 done or unchanged, 1 failed, 2 wrong usage or settings."""

from __future__ import annotations

from typing import Any

import click

from ingest.errors import LoaderError, SettingsError
from ingest.service import Step, ingest
from ingest.settings import IngestSettings


@click.command("ingest")
@click.argument("endpoints", nargs=-1, metavar="[ENDPOINT]...")
@click.option("--api-url", help="Address of the music API [env MEDLEY_API_URL].")
@click.option("--lake", help="Folder or URI of the lake [env MEDLEY_LAKE].")
@click.option("--workers", type=click.IntRange(1), help="Pages fetched side by side [24].")
@click.option("--page-size", type=click.IntRange(1), help="Records a page [100].")
@click.option("--requests-per-second", type=click.FloatRange(0, min_open=True), help="At most.")
@click.option("--accept-shrinkage", is_flag=True, help="Land even if many records are gone.")
@click.option("--full", is_flag=True, help="Land even what is as it was.")
def command(endpoints: tuple[str, ...], **options: Any) -> None:
    """Load the music API into the bronze layer: the ENDPOINTs named, or all."""
    try:
        ingest(IngestSettings.from_env(**options), endpoints=endpoints, on_progress=_tell)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    except LoaderError as error:
        raise click.ClickException(str(error)) from error


def _tell(step: Step) -> None:
    if step.state != "reading":
        click.echo(f"{step.endpoint}: {step.state}, {step.records} records", err=True)


if __name__ == "__main__":
    command(prog_name="python -m ingest")
