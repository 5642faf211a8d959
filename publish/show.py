"""Lists for people and for pipes: a table on a terminal, tab-separated lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from publish.reader import PopularTrack, Recommendation


def _clean(value: object) -> str:
    """One line without control characters: names come from outside."""
    if value is None:
        return ""
    text = f"{value:.4f}" if isinstance(value, float) else str(value)
    return "".join(character if character.isprintable() else " " for character in text)


def show_rows(header: Sequence[str], rows: Iterable[Sequence[object]], *, title: str) -> None:
    """Write the rows to stdout; header and title only appear on a terminal."""
    lines = [[_clean(value) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for line in lines:
            click.echo("\t".join(line))
        return
    table = Table(title=Text(title), title_justify="left")
    for name in header:
        table.add_column(name, justify="right" if name in {"rank", "score"} else "left")
    for line in lines:
        table.add_row(*(Text(value) for value in line))
    Console().print(table)


def show_recommendations(rows: Iterable[Recommendation], *, user_id: str) -> None:
    """Rank, track, artist, album, reason, score, and the heard track that weighed most."""
    show_rows(
        ("rank", "track", "artist", "album", "reason", "score", "because"),
        [
            (
                *(row.rank, row.track_name, row.artist_name, row.album_title),
                *(row.reason, row.score, row.because_track_name),
            )
            for row in rows
        ],
        title=f"For {_clean(user_id)}",
    )


def show_popular(rows: Iterable[PopularTrack]) -> None:
    """Rank, track, artist, listeners."""
    show_rows(
        ("rank", "track", "artist", "listeners"),
        [(row.rank, row.track_name, row.artist_name, row.listener_count) for row in rows],
        title="What a visitor sees: the most heard tracks",
    )
