"""The closing screen of a run: what there is now, how good it is, and where it is."""

from __future__ import annotations

from pathlib import Path

import pyarrow.dataset as ds
from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Console
from rich.table import Table

from pipeline.gold import newest_evaluation
from pipeline.record import Run
from pipeline.report.music import active_users
from pipeline.settings import Settings
from pipeline.tables import extent_of, tables_of
from pipeline.words import share
from publish.errors import PublishError
from publish.reader import recommendations_for
from publish.settings import default_url

LAYERS = ("bronze", "silver", "gold")
USERS_SHOWN = 5
TRACKS_SHOWN = 3
REASONS = {"als": "the model"}  # which is ALS and neighbours by now


def show(run: Run, *, settings: Settings, console: Console) -> None:
    """Print the closing screen; what is not there yet is left out."""
    console.print()
    tables = [_volumes(settings.lake, layer) for layer in LAYERS]
    console.print(Columns([table for table in tables if table.row_count], padding=(0, 4)))
    rejects = _rejects(settings.lake)
    console.print(rejects if rejects.row_count else "[bold]rejected records[/]  none\n")
    for table in (_quality(settings.lake), _lists(settings)):
        if table.row_count:
            console.print(table)
    places = {
        "serving": settings.serving_url or settings.lake / "serving" / "medley.db",
        "report": run.folder / "report.html",
        "docs": settings.docs,
        "log": run.log,
        "lake": settings.lake,
    }
    for name, place in places.items():
        if not isinstance(place, Path) or place.exists():
            console.print(f"[bold]{name:<8}[/] {_without_secret(str(place))}", soft_wrap=True)


def _volumes(lake: Path, layer: str) -> Table:
    table = _table(layer, "table", "rows")
    for folder in tables_of(lake / layer):
        if extent := extent_of(folder):
            table.add_row(folder.name, f"{extent.rows:,}")
    return table


def _rejects(lake: Path) -> Table:
    table = _table("rejected records, by reason", "reason", "records", "severity", "remedy")
    columns = ["reason", "severity", "remedy"]
    folder = lake / "silver" / "rejected_records"
    if folder.exists():
        found = ds.dataset(folder).to_table(columns=columns)
        counts = found.group_by(columns).aggregate([([], "count_all")])
        for row in counts.sort_by([("count_all", "descending")]).to_pylist():
            table.add_row(row["reason"], f"{row['count_all']:,}", row["severity"], row["remedy"])
    return table


def _quality(lake: Path) -> Table:
    measured = newest_evaluation(lake)
    users = max((row["user_count"] for row in measured), default=0)
    title = f"the recommender on {users:,} users' held-out discoveries"
    table = _table(title, "metric", "the model", "95 %", "popularity", "ratio", "served before")
    found = {(row["metric"], row["recommender"]): row for row in measured}
    for metric in ("ndcg", "recall", "map", "coverage"):
        model, popularity = found.get((metric, "model")), found.get((metric, "popularity"))
        if model and popularity:
            error = model["standard_error"]
            ratio = model["value"] / popularity["value"] if popularity["value"] else None
            before = model["previous_value"]
            table.add_row(
                f"{metric}@{model['depth']}",
                share(model["value"]),
                f"± {share(1.96 * error)}" if error is not None else "",
                share(popularity["value"]),
                f"x {ratio:.1f}" if ratio is not None else "-",
                share(before) if before is not None else "-",
            )
    return table


def _lists(settings: Settings) -> Table:
    table = _table("recommended", "user", "first choices", "why")
    url = settings.serving_url or default_url(settings.lake)
    for user_id in active_users(settings.lake, n=USERS_SHOWN):
        try:
            tracks = recommendations_for(url, user_id, n=TRACKS_SHOWN)
        except PublishError:
            return table
        names = [f"{track.track_name} [dim]by {track.artist_name}[/]" for track in tracks]
        reasons = dict.fromkeys(REASONS.get(track.reason, track.reason) for track in tracks)
        table.add_row(user_id, "\n".join(names), ", ".join(reasons))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    numeric = {"rows", "records", "the model", "95 %", "popularity", "ratio", "served before"}
    for column in columns:
        table.add_column(column, justify="right" if column in numeric else "left")
    return table


def _without_secret(place: str) -> str:
    """A database URL without its user and password."""
    scheme, mark, rest = place.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if mark else place
