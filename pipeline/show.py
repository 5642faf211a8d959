"""Past runs and the newest one, from their records."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from pipeline.record import Run, now, past_runs
from pipeline.screen import MARKS
from pipeline.settings import Settings


def runs(settings: Settings, *, n: int, console: Console) -> None:
    """Print the newest runs, a line each."""
    table = Table(header_style="dim", box=SIMPLE_HEAD, pad_edge=False)
    for column in ("run", "status", "seconds", "steps"):
        table.add_column(column, justify="right" if column == "seconds" else "left")
    for run in islice(past_runs(settings.runs), n):
        steps = " ".join(f"{MARKS.get(step.status, '…')} {step.name}" for step in run.steps)
        table.add_row(run.run_id, run.status, _seconds(run), steps)
    console.print(table)


def status(settings: Settings, *, console: Console) -> bool:
    """Print the newest run and the age of each layer; False when there is no run."""
    run = next(past_runs(settings.runs), None)
    if run is None:
        return False
    console.print(f"run {run.run_id}: [bold]{run.status}[/], started {run.started_at[:19]} UTC")
    table = Table(header_style="dim", box=SIMPLE_HEAD, pad_edge=False)
    for column in ("step", "status", "rows out", "rejected", "seconds", "peak memory", "note"):
        numeric = column in ("rows out", "rejected", "seconds", "peak memory")
        table.add_column(column, justify="right" if numeric else "left")
    for step in run.steps:
        table.add_row(
            step.name,
            step.status,
            _number(step.rows_out),
            _number(step.rows_rejected),
            f"{step.seconds:.1f}" if step.seconds is not None else "-",
            f"{step.peak_memory_bytes / 2**20:,.0f} MiB" if step.peak_memory_bytes else "-",
            step.message or "",
        )
    console.print(table)
    for layer in ("bronze", "silver", "gold", "serving"):
        console.print(f"{layer:<8} {_age(settings.lake / layer)}")
    return True


def _seconds(run: Run) -> str:
    if not run.ended_at:
        return "-"
    ended = datetime.fromisoformat(run.ended_at)
    return f"{(ended - datetime.fromisoformat(run.started_at)).total_seconds():.1f}"


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _age(layer: Path) -> str:
    """When the layer's newest file was written."""
    files = [path.resolve().stat().st_mtime for path in layer.rglob("*")] if layer.exists() else []
    if not files:
        return "nothing yet"
    written = datetime.fromtimestamp(max(files), UTC)
    minutes = (now() - written).total_seconds() / 60
    ago = f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    return f"written {written:%Y-%m-%d %H:%M:%S} UTC, {ago} ago"
