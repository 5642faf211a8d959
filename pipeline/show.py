"""Past runs and the newest one, from their records."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from pipeline.freshness import freshness
from pipeline.record import Freshness, Step, now, past_runs
from pipeline.screen import MARKS
from pipeline.settings import Settings

UNITS = ((30, "GiB"), (20, "MiB"), (10, "KiB"))
NUMERIC = {"rows", "rows in", "rows out", "rejected", "seconds", "CPU", "size", "memory", "peak"}


def runs(settings: Settings, *, n: int, console: Console) -> None:
    """Print the newest runs, a line each."""
    table = _table("run", "status", "seconds", "CPU", "memory", "steps")
    for run in islice(past_runs(settings.runs), n):
        steps = " ".join(f"{MARKS.get(step.status, '…')} {step.name}" for step in run.steps)
        facts = (_number(run.seconds, 1), _number(run.cpu_seconds, 1), _size(run.peak_memory_bytes))
        table.add_row(run.run_id, run.status, *facts, steps)
    console.print(table)


def status(settings: Settings, *, console: Console) -> bool:
    """Print the newest run and the freshness of each layer; False when there is no run."""
    run = next(past_runs(settings.runs), None)
    if run is None:
        return False
    after = f", going on from {run.resumes}" if run.resumes else ""
    started = f"started {run.started_at[:19].replace('T', ' ')} UTC{after}"
    console.print(f"run {run.run_id}: [bold]{run.status}[/], {started}", highlight=False)
    console.print(_steps(run.steps))
    console.print(_layers(run.freshness or freshness(settings.lake, settings.serving)))
    return True


def _steps(steps: list[Step]) -> Table:
    names = ("rows in", "rows out", "rejected", "size", "seconds", "CPU", "peak")
    table = _table("step", "status", *names, "note")
    for step in steps:
        rows = (step.rows_in, step.rows_out, step.rows_rejected)
        took = (_number(step.seconds, 1), _number(step.cpu_seconds, 1))
        table.add_row(
            step.name,
            step.status,
            *map(_number, rows),
            _size(step.bytes),
            *took,
            _size(step.peak_memory_bytes),
            step.message or _at_work(step),
        )
    return table


def _at_work(step: Step) -> str:
    """How far a step is that is at work; nothing for one that has ended."""
    return f"{len(step.nodes)} nodes done" if step.status == "running" and step.nodes else ""


def _layers(layers: list[Freshness]) -> Table:
    table = _table("layer", "rows", "size", "written", "landed", "newest record")
    for layer in layers:
        moments = (layer.written_at, layer.landed_at, layer.data_at)
        table.add_row(layer.layer, _number(layer.rows), _size(layer.bytes), *map(_ago, moments))
    return table


def _table(*columns: str) -> Table:
    table = Table(header_style="dim", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        justify = "right" if column in NUMERIC else "left"
        table.add_column(column, justify=justify, no_wrap=column != "note")  # type: ignore[arg-type]
    return table


def _number(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _size(value: int | None) -> str:
    if value is None:
        return "-"
    power, unit = next((at for at in UNITS if value >= 2 ** at[0]), UNITS[-1])
    return f"{value / 2**power:,.1f} {unit}"


def _ago(moment: str | None) -> str:
    if moment is None:
        return "-"
    minutes = (now() - datetime.fromisoformat(moment)).total_seconds() / 60
    if minutes < 120:
        return f"{minutes:.0f} min ago"
    return f"{minutes / 60:.0f} h ago" if minutes < 72 * 60 else f"{minutes / 1440:.0f} days ago"
