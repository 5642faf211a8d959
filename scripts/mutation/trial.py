"""One break after the other: what notices it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.mutation import second_batch
from scripts.mutation.mutants import Mutant
from scripts.mutation.workshop import Failure, Workshop, WorkshopNotReadyError

CONTRACT = ("contract", "promise", "constraint", "rows break")


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: the tests that caught it, none when it survived."""

    mutant: Mutant
    caught_by: tuple[str, ...]


def judge(workshop: Workshop, mutants: list[Mutant], root: Path) -> Iterator[Verdict]:
    """Try each mutant; the lake is mended whenever the next one breaks another model.

    Raises:
        WorkshopNotReadyError: if a mutant is no SQL, or the unbroken project fails on a second
            batch.
    """
    if any(mutant.incremental for mutant in mutants):
        _require_second_batch(workshop)
    last: Mutant | None = None
    try:
        for mutant in mutants:
            if last and (last.builds != mutant.builds or last.incremental or mutant.incremental):
                workshop.mend()
            with _broken(workshop, mutant, root):
                failures = _try(workshop, mutant)
            last = mutant
            yield Verdict(mutant, tuple(dict.fromkeys(_name(mutant, it) for it in failures)))
    finally:
        workshop.mend()


@contextmanager
def _broken(workshop: Workshop, mutant: Mutant, root: Path) -> Iterator[None]:
    whole = (root / mutant.file).read_text()
    file = workshop.project / mutant.file
    file.write_text(mutant.broken(whole))
    try:
        yield
    finally:
        file.write_text(whole)


def _try(workshop: Workshop, mutant: Mutant) -> list[Failure]:
    caught = workshop.unit_test(mutant.builds)
    if caught:
        return caught
    if not mutant.incremental:
        return workshop.build(mutant.builds)
    with second_batch.landed(workshop.lake):
        return workshop.build_second_batch()


def _require_second_batch(workshop: Workshop) -> None:
    with second_batch.landed(workshop.lake):
        failures = workshop.build_second_batch()
    workshop.mend()
    if failures:
        told = "; ".join(f"{failure.name}: {failure.message}" for failure in failures)
        raise WorkshopNotReadyError(f"the unbroken project fails on a second batch: {told}")


def _name(mutant: Mutant, failure: Failure) -> str:
    """What a failure is called in the table.

    Raises:
        WorkshopNotReadyError: if the query could not run, which says nothing about tests.
    """
    if failure.status == "fail":
        return failure.name
    if failure.kind == "model" and any(word in failure.message for word in CONTRACT):
        return f"contract of {failure.name}"
    raise WorkshopNotReadyError(
        f"{mutant.file}, {mutant.breaks}: breaks the query, not its result: {failure.message}"
    )
