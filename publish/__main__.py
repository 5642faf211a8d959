"""`medley publish`: gold to the serving database."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from publish.cli import exit_status, lake_option, to_option
from publish.recommend import recommend
from publish.settings import PublishSettings

__all__ = ["command", "recommend"]


@click.command(name="publish")
@lake_option
@to_option
def command(lake: Path | None, url: str | None) -> None:
    """Make the current recommendations visible to the frontend, at once."""
    from publish.service import publish  # Arrow takes a second to load: only where it is used

    settings = PublishSettings.from_env(lake=lake, url=url)
    with exit_status():
        result = publish(lake=settings.lake, url=settings.url)
    click.echo(
        f"published {result.rows:,} recommendations for {result.users:,} users"
        f" (model {result.model_version}) to {result.location} in {result.seconds:.1f} s"
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    command(prog_name="python -m publish")
