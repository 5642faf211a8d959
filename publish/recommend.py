"""`medley recommend USER_ID`: what the frontend would read."""

from __future__ import annotations

from pathlib import Path

import click

from publish.cli import exit_status, lake_option, to_option
from publish.reader import popular, recommendations_for
from publish.settings import PublishSettings
from publish.show import show_popular, show_recommendations


@click.command()
@click.argument("user_id")
@click.option("--n", type=click.IntRange(1, 1000), default=10, show_default=True, help="Length.")
@lake_option
@to_option
def recommend(user_id: str, n: int, lake: Path | None, url: str | None) -> None:
    """Show the recommendations of USER_ID as they are served.

    A table on a terminal; tab-separated lines elsewhere: rank, track, artist, album, reason,
    score, the heard track that weighed most. For an unknown user the most heard tracks: rank,
    track, artist, listeners.
    """
    settings = PublishSettings.from_env(lake=lake, url=url)
    with exit_status():
        rows = recommendations_for(settings.url, user_id, n=n)
        if rows:
            show_recommendations(rows, user_id=user_id)
            return
        click.echo(f"no recommendations for user {user_id!r}; as for a visitor:", err=True)
        show_popular(popular(settings.url, n=n))


if __name__ == "__main__":
    recommend()
