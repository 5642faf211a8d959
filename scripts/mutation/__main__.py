"""`make mutants`: breaks each silver and gold model, and prints which test caught it."""

from __future__ import annotations

import tempfile
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

    NAMES are models and macros; all by default. Exits with 1 when less than the goal is caught,
    or when a break is out of step with its model or makes it no query.
    """
    try:
        mutants = _chosen(names, breaks)
        with ExitStack() as stack:
            folder = workshop or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            verdicts = _judged(folder.absolute(), mutants)
    except (MutantOutOfStepError, WorkshopNotReadyError) as error:
        raise click.ClickException(str(error)) from error
    caught = sum(bool(verdict.caught_by) for verdict in verdicts)
    share = caught / len(verdicts) * 100
    click.echo(_table(verdicts))
    click.echo(f"{caught} of {len(verdicts)} breaks caught: {share:.1f} %")
    if share < goal or any(verdict.error for verdict in verdicts):
        raise SystemExit(1)


def _chosen(names: tuple[str, ...], breaks: str) -> list[Mutant]:
    mutants = load(ROOT)
    for mutant in mutants:
        mutant.broken((ROOT / mutant.file).read_text())
    chosen = [
        mutant
        for mutant in mutants
        if breaks in mutant.breaks
        and (not names or {*mutant.builds, Path(mutant.file).stem} & set(names))
    ]
    if not chosen:
        raise click.UsageError("no break has these names; they stand in tests/mutants")
    return chosen


def _judged(folder: Path, mutants: list[Mutant]) -> list[Verdict]:
    models = sorted({model for mutant in mutants for model in mutant.builds})
    workshop = open_workshop(ROOT, folder, models)
    verdicts: list[Verdict] = []
    for verdict in judge(workshop, mutants, ROOT):
        verdicts.append(verdict)
        told = f"{len(verdicts)}/{len(mutants)} {_subject(verdict.mutant)}: {_by(verdict)}"
        click.echo(told, err=True)
    place = {mutant: number for number, mutant in enumerate(mutants)}
    return sorted(verdicts, key=lambda verdict: place[verdict.mutant])


def _subject(mutant: Mutant) -> str:
    return f"{Path(mutant.file).stem}: {mutant.breaks}"


def _by(verdict: Verdict) -> str:
    if verdict.error and not verdict.caught_by:
        return f"NOT TRIED: {verdict.error[:200]}"
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
