"""`medley publish`: gold to the serving database."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from publish.cli import (
    exit_status,
    keep_option,
    lake_option,
    older_option,
    roll_back,
    rollback_option,
    to_option,
)
from publish.recommend import recommend
from publish.settings import PublishSettings

__all__ = ["command", "recommend"]


@click.command(name="publish")
@lake_option
@to_option
@keep_option
@older_option
@rollback_option
def command(
    *, lake: Path | None, url: str | None, keep: int | None, allow_older: bool, rollback: bool
) -> None:
    """Make the current recommendations visible to the frontend, at once."""
    settings = PublishSettings.from_env(lake=lake, url=url)
    if rollback:
        roll_back(settings.url)
        return
    from publish.service import publish  # Arrow takes a second to load: only where it is used

    with exit_status():
        result = publish(lake=settings.lake, url=settings.url, keep=keep, allow_older=allow_older)
    if not result.is_new:
        click.echo(f"nothing new: generation {result.generation} is served at {result.location}")
        return
    click.echo(
        f"published {result.rows:,} recommendations for {result.users:,} users"
        f" (model {result.model_version}, generation {result.generation}) to {result.location}:"
        f" {result.rows_written:,} rows written in {result.seconds:.1f} s"
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    command(prog_name="python -m publish")
