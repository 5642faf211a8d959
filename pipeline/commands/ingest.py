"""`medley ingest`, and `medley checks` of what it landed."""

from __future__ import annotations

import click

from pipeline.commands.options import api_url_option, lake_option, settings_of, skip_option
from pipeline.commands.steps import exit_status, run_one


@click.command()
@click.argument("endpoints", nargs=-1, metavar="[ENDPOINT]...")
@api_url_option
@lake_option
@click.option(
    "--workers", type=click.IntRange(1), help="Pages fetched side by side, at most.  [default: 24]"
)
@click.option("--page-size", type=click.IntRange(1), help="Records a page.  [default: 100]")
@click.option(
    "--requests-per-second", type=click.FloatRange(0, min_open=True), help="Requests, at most."
)
@click.option("--accept-shrinkage", is_flag=True, help="Land even if many records are gone.")
@click.option("--full", is_flag=True, help="Land even what is as it was.")
@skip_option
def ingest(
    *,
    endpoints: tuple[str, ...],
    api_url: str | None,
    lake: str | None,
    skip_exit_code: int,
    **options: object,
) -> None:
    """Land the API's records in bronze: the ENDPOINTs named, or all."""
    work = {"endpoints": endpoints, "ingest_options": options}
    with exit_status():
        settings = settings_of(lake=lake, api_url=api_url)
        run_one("ingest", settings, skip_exit_code=skip_exit_code, **work)


@click.command()
@lake_option
def checks(*, lake: str | None) -> None:
    """Write the page that says what was checked of each batch, and name it."""
    from ingest.datadocs import build

    click.echo(build(str(settings_of(lake=lake).lake)))
