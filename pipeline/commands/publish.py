"""`medley publish`: lists for the frontend, today's, an older model's or those before."""

from __future__ import annotations

import click

from pipeline.commands.options import force_option, lake_option, settings_of, skip_option
from pipeline.commands.steps import exit_status, run_all, run_one
from pipeline.settings import Settings
from publish.cli import keep_option, older_option, roll_back, rollback_option


@click.command()
@lake_option
@click.option("--to", "url", help="Serving database.  [default: $MEDLEY_SERVING_URL or SQLite]")
@keep_option
@older_option
@rollback_option
@click.option(
    "--version",
    "model_version",
    metavar="VERSION",
    help="Make today's lists of a kept version of the model first, and publish these.",
)
@force_option
@skip_option
def publish(
    *,
    lake: str | None,
    url: str | None,
    rollback: bool,
    model_version: str | None,
    force: bool,
    skip_exit_code: int,
    **options: object,
) -> None:
    """Make the current lists visible to the frontend, at once."""
    settings = settings_of(lake=lake, serving_url=url)
    if rollback and model_version:
        raise click.UsageError("--rollback and --version exclude each other")
    if rollback:
        roll_back(settings.serving)
        return
    if model_version:
        _require_kept(model_version, settings)
        with exit_status():
            steps = ("train", "publish")
            run_all(steps, settings, model_version=model_version, publish_options=options)
        return
    with exit_status():
        run_one(
            "publish",
            settings,
            skip_exit_code=skip_exit_code,
            forced=force,
            publish_options=options,
        )


def _require_kept(version: str, settings: Settings) -> None:
    from pipeline.versions import kept

    versions = kept(settings.lake)
    if version not in versions:
        named = ", ".join(versions) or "none"
        raise click.UsageError(f"there is no version {version}; those kept are: {named}")
