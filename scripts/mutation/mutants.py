"""The list of breaks in tests/mutants, and whether it is in step with the models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LIST = Path("tests/mutants")


class MutantOutOfStepError(ValueError):
    """A break's text does not occur in its file as often as the list says, or breaks nothing."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One break of one file.

    Attributes:
        file: a model or macro, relative to the project.
        breaks: the mistake in a few words; names it within its file.
        text: what is replaced.
        becomes: what stands there instead.
        times: how often `text` occurs in the file; all are replaced.
        builds: the models that show the break.
        incremental: it shows when a second batch comes, not when all is built anew.
    """

    file: str
    breaks: str
    text: str
    becomes: str
    times: int = 1
    builds: tuple[str, ...] = ()
    incremental: bool = False

    @property
    def is_macro(self) -> bool:
        """Whether it breaks a macro, which other models than `builds` may use too."""
        return self.file.startswith("macros/")

    def broken(self, source: str) -> str:
        """The file's text with the break in it.

        Raises:
            MutantOutOfStepError: if the text is not there as often as declared.
        """
        found = source.count(self.text)
        if found != self.times or self.text == self.becomes:
            raise MutantOutOfStepError(
                f"{self.file}, {self.breaks}: its text occurs {found} times, not {self.times}, or "
                f"is replaced by itself; mend the entry in {LIST}/"
            )
        return source.replace(self.text, self.becomes)


def load(root: Path) -> list[Mutant]:
    """All mutants of the project in `root`, in the order of the list."""
    return [
        _mutant(file, entry)
        for listed in sorted((root / LIST).glob("*.yml"))
        for file, entries in yaml.safe_load(listed.read_text()).items()
        for entry in entries
    ]


def _mutant(file: str, entry: dict[str, Any]) -> Mutant:
    builds = entry.pop("builds", [Path(file).stem])
    return Mutant(file=file, builds=tuple(builds), **entry)
