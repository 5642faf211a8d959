"""`medley runs` and `medley status`: what was done, and how things are."""

from __future__ import annotations

import click

from pipeline import show
from pipeline.commands.options import console, lake_option, settings_of


@click.command()
@lake_option
@click.option("--n", default=10, show_default=True, help="How many.")
def runs(*, lake: str | None, n: int) -> None:
    """List past runs, newest first."""
    show.runs(settings_of(lake=lake), n=n, console=console())


@click.command()
@lake_option
def status(*, lake: str | None) -> None:
    """Show the newest run step by step, and how fresh each layer is."""
    if not show.status(settings_of(lake=lake), console=console()):
        raise click.ClickException("there is no run yet; start one with `medley run`")
