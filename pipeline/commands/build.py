"""`medley build`: the tables."""

from __future__ import annotations

import click

from pipeline.commands.options import force_option, lake_option, settings_of, skip_option
from pipeline.commands.steps import exit_status, run_one


@click.command()
@lake_option
@force_option
@skip_option
def build(*, lake: str | None, force: bool, skip_exit_code: int) -> None:
    """Build and test bronze, silver and gold from what has landed."""
    with exit_status():
        settings = settings_of(lake=lake)
        run_one("build", settings, skip_exit_code=skip_exit_code, forced=force)
