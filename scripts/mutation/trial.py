"""The breaks, tried: first on the unit tests, what these miss on the lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.mutation import copies, second_batch
from scripts.mutation.mutants import Mutant
from scripts.mutation.workshop import Failure, Workshop, require_none

AT_ONCE = 150  # breaks in one dbt command, which parses all their copies


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: what caught it, nothing when it survived.

    Attributes:
        error: why it could not be tried: it breaks the query instead of what the query gives.
    """

    mutant: Mutant
    caught_by: tuple[str, ...] = ()
    error: str = ""


def judge(workshop: Workshop, mutants: list[Mutant], root: Path) -> Iterator[Verdict]:
    """Try each mutant.

    Raises:
        WorkshopNotReadyError: if the unbroken project fails on a second batch.
    """
    missed: list[Mutant] = []
    for start in range(0, len(mutants), AT_ONCE):
        for verdict in _on_unit_tests(workshop, mutants[start : start + AT_ONCE]):
            if verdict.caught_by:
                yield verdict
            else:
                missed.append(verdict.mutant)
    yield from _on_the_lake(workshop, missed, root)


def _on_unit_tests(workshop: Workshop, mutants: list[Mutant]) -> Iterator[Verdict]:
    with copies.written(workshop.project, mutants) as copied:
        failures = workshop.unit_test([copies.ALL]) if copied else []
    for mutant in mutants:
        mine = [
            replace(failure, name=failure.name.removesuffix(f"_{failure.model}"))
            for failure in failures
            if copied[failure.model] is mutant
        ]
        yield _verdict(mutant, mine)


def _on_the_lake(workshop: Workshop, mutants: list[Mutant], root: Path) -> Iterator[Verdict]:
    """Build what is broken, and run the data tests; the lake is whole again afterwards."""
    last: Mutant | None = None
    try:
        for mutant in sorted(mutants, key=lambda it: (it.incremental, it.builds)):
            if mutant.incremental and not (last and last.incremental):
                workshop.mend()
                _require_second_batch(workshop)
            elif last and (mutant.incremental or last.builds != mutant.builds):
                workshop.mend()
            with _broken(workshop, [mutant], root):
                if mutant.incremental:
                    with second_batch.landed(workshop.lake):
                        failures = workshop.build_second_batch()
                else:
                    failures = workshop.build(mutant.builds)
            last = mutant
            yield _verdict(mutant, failures)
    finally:
        workshop.mend()


@contextmanager
def _broken(workshop: Workshop, mutants: list[Mutant], root: Path) -> Iterator[None]:
    whole = {mutant.file: (root / mutant.file).read_text() for mutant in mutants}
    for mutant in mutants:
        (workshop.project / mutant.file).write_text(mutant.broken(whole[mutant.file]))
    try:
        yield
    finally:
        for file, text in whole.items():
            (workshop.project / file).write_text(text)


def _require_second_batch(workshop: Workshop) -> None:
    with second_batch.landed(workshop.lake):
        failures = workshop.build_second_batch()
    workshop.mend()
    require_none(failures)


def _verdict(mutant: Mutant, failures: list[Failure]) -> Verdict:
    tests = [failure.name for failure in failures if failure.status == "fail"]
    broken = [
        failure
        for failure in failures
        if failure.status != "fail" and "contract" not in failure.message
    ]
    tests += [
        f"contract of {failure.model}"
        for failure in failures
        if failure.status != "fail" and failure not in broken
    ]
    error = "; ".join(" ".join(failure.message.split()) for failure in broken)
    return Verdict(mutant, tuple(dict.fromkeys(tests)), error)
