"""Broken copies of models beside the whole ones, so that one dbt command tries many breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from scripts.mutation.mutants import Mutant

# A unit test needs no contract, and the copies have no YAML that says their columns.
WITHOUT_CONTRACT = "{{ config(contract={'enforced': false}) }}\n"
NAMED = "broken_{number}_{name}"
ALL = NAMED.format(number="*", name="*")

UnitTest = dict[str, Any]


@contextmanager
def written(project: Path, mutants: list[Mutant]) -> Iterator[dict[str, Mutant]]:
    """Copies of the mutants' models with their unit tests, as long as the context lasts.

    A break of a macro comes with copies of the macros that call it, so that whatever else the
    project does remains whole.

    Yields:
        The mutant of each copy, by the copy's name.
    """
    unit_tests, macros = _unit_tests(project), _texts(project / "macros")
    models = {path.stem: path for path in (project / "models").rglob("*.sql")}
    copied: dict[str, Mutant] = {}
    files: dict[Path, str] = {}
    for number, mutant in enumerate(mutants):
        broken = mutant.broken((project / mutant.file).read_text())
        renamed: dict[str, str] = {}
        if mutant.is_macro:
            callers = _callers(Path(mutant.file).stem, macros)
            renamed = {name: NAMED.format(number=number, name=name) for name in callers}
            texts = macros | {Path(mutant.file).stem: broken}
            for name, copy in renamed.items():
                files[project / f"macros/{copy}.sql"] = _calling(texts[name], renamed)
        for model in mutant.builds:
            whole = models[model].read_text()
            text = _calling(whole, renamed) if mutant.is_macro else broken
            if text == whole:
                continue
            name = NAMED.format(number=number, name=model)
            tests = [_of(test, name, renamed) for test in unit_tests if test["model"] == model]
            files[models[model].with_name(f"{name}.sql")] = WITHOUT_CONTRACT + text
            files[models[model].with_name(f"{name}.yml")] = yaml.safe_dump({"unit_tests": tests})
            copied[name] = mutant
    try:
        for file, text in files.items():
            file.write_text(text)
        yield copied
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _unit_tests(project: Path) -> list[UnitTest]:
    read = (yaml.safe_load(path.read_text()) for path in (project / "models").rglob("*.yml"))
    return [test for content in read for test in content.get("unit_tests", [])]


def _texts(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text() for path in folder.glob("*.sql")}


def _callers(name: str, macros: dict[str, str]) -> set[str]:
    """The macro, those that call it, those that call these, and so on."""
    found = {name}
    while more := {
        caller
        for caller, text in macros.items()
        if caller not in found and _calling(text, dict.fromkeys(found, "")) != text
    }:
        found |= more
    return found


def _calling(text: str, renamed: dict[str, str]) -> str:
    """A text that calls, or defines, macros by their new names."""
    if not renamed:
        return text
    return re.sub(rf"\b({'|'.join(renamed)})\b(?=\()", lambda call: renamed[call[1]], text)


def _of(test: UnitTest, model: str, renamed: dict[str, str]) -> UnitTest:
    """A unit test for the copy of its model; the macros that it overrides may be copies too."""
    own = test | {"name": f"{test['name']}_{model}", "model": model}
    overrides = test.get("overrides", {})
    if "macros" in overrides:
        macros = {renamed.get(name, name): value for name, value in overrides["macros"].items()}
        own["overrides"] = overrides | {"macros": macros}
    return own
