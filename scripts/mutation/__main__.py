"""`make mutants`: breaks each silver and gold model, and prints which test caught it."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from scripts.mutation.mutants import Mutant, MutantOutOfStepError, load
from scripts.mutation.trial import Verdict, judge
from scripts.mutation.workshop import WorkshopNotReadyError, open_workshop

ROOT = Path(__file__).parents[2]


@click.command()
@click.argument("names", nargs=-1)
@click.option("--breaks", default="", help="Only breaks whose words contain this text.")
@click.option(
    "--workshop",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the copied project and its lake, kept for the next time; default temporary.",
)
@click.option("--goal", default=90.0, show_default=True, help="Percent that must be caught.")
def main(names: tuple[str, ...], breaks: str, workshop: Path | None, goal: float) -> None:
    """Break models and macros one at a time and see which test of the project notices.

    NAMES are models, macros or parts of their paths; all of them by default. Exits with 1 when
    less than the goal is caught, or a break is out of step with its model.
    """
    try:
        mutants = _chosen(names, breaks)
        with ExitStack() as stack:
            folder = workshop or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            verdicts = _judged(folder.absolute(), mutants)
    except (MutantOutOfStepError, WorkshopNotReadyError) as error:
        raise click.ClickException(str(error)) from error
    caught = sum(bool(verdict.caught_by) for verdict in verdicts)
    click.echo(_table(verdicts))
    click.echo(f"{caught} of {len(verdicts)} breaks caught: {caught / len(verdicts):.1%}")
    if caught / len(verdicts) * 100 < goal:
        raise SystemExit(1)


def _chosen(names: tuple[str, ...], breaks: str) -> list[Mutant]:
    mutants = load(ROOT)
    for mutant in mutants:
        mutant.broken((ROOT / mutant.file).read_text())
    chosen = [
        mutant
        for mutant in mutants
        if breaks in mutant.breaks
        and (not names or any(name in (Path(mutant.file).stem, *mutant.builds) or ("/" in name and name in mutant.file) for name in names))
    ]
    if not chosen:
        raise click.UsageError("no break has these names; they stand in tests/mutants")
    return sorted(chosen, key=lambda mutant: mutant.incremental)


def _judged(folder: Path, mutants: list[Mutant]) -> list[Verdict]:
    models = sorted({model for mutant in mutants for model in mutant.builds})
    workshop = open_workshop(ROOT, folder, models)
    verdicts = []
    for verdict in judge(workshop, mutants, ROOT):
        verdicts.append(verdict)
        told = f"{len(verdicts)}/{len(mutants)} {_subject(verdict.mutant)}: {_by(verdict)}"
        click.echo(told, err=True)
    return verdicts


def _subject(mutant: Mutant) -> str:
    return f"{Path(mutant.file).stem}: {mutant.breaks}"


def _by(verdict: Verdict) -> str:
    first, *others = verdict.caught_by or ("SURVIVED",)
    return f"{first} and {len(others)} more" if others else first


def _table(verdicts: list[Verdict]) -> str:
    table = Table("model or macro", "break", "caught by", box=None, pad_edge=False)
    for verdict in verdicts:
        table.add_row(Path(verdict.mutant.file).stem, verdict.mutant.breaks, _by(verdict))
    console = Console(width=160, no_color=True)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


if __name__ == "__main__":
    main()
