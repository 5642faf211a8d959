"""What a run shows while it works: a line per step, and a bar on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.dbt import Progress as OnNode
from pipeline.record import Step

MARKS = {
    "success": "[green]✓[/]",
    "skipped": "[dim]-[/]",
    "failed": "[red]✗[/]",
    "died": "[red]†[/]",
}


class Screen:
    """Prints to a console; on one that is no terminal there are lines only."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def step(self, name: str) -> Iterator[OnNode | None]:
        """Show a step at work; gives what to call as dbt goes on."""
        if not self.console.is_terminal or name == "ingest":  # the loader draws its own bars
            yield None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as bars:
            task = bars.add_task(f"  {name}", total=None)

            def on_node(node: str, done: int, total: int) -> None:
                bars.update(task, completed=done, total=total, description=f"  {name} {node[:40]}")

            yield on_node

    def waiting(self, holder: str) -> None:
        """Say for whom the run waits."""
        self.console.print(f"- waiting for {holder}", highlight=False)

    def warn(self, fault: str) -> None:
        """Say what went wrong beside the steps."""
        self.console.print(f"[yellow]![/] {escape(fault)}", highlight=False, soft_wrap=True)

    def ended(self, step: Step) -> None:
        """Print how a step ended."""
        facts = [step.message] if step.message and step.status != "failed" else []
        if step.status == "success":
            tests = sum(node.kind in ("test", "unit_test") for node in step.nodes)
            models = sum(node.kind == "model" for node in step.nodes)
            facts += [f"{models} models, {tests} tests passed"] if models else []
            facts += [f"{step.rows_out:,} rows"] if step.rows_out is not None else []
            facts += [f"{step.rows_rejected:,} rejected"] if step.rows_rejected else []
        said = " · ".join([*facts, f"{step.seconds or 0:.1f} s"])
        self.console.print(f"{MARKS[step.status]} {step.name:<8} {said}", highlight=False)
        if step.warning:
            self.warn(step.warning)
