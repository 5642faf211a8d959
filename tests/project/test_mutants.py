"""The list of breaks keeps step with the models; `make mutants` tries them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from scripts.mutation.mutants import Mutant, MutantOutOfStepError, load
from tests.conftest import ROOT

MUTANTS = load(ROOT)
MODELS = {
    path.stem: path.relative_to(ROOT).as_posix()
    for layer in ("silver", "gold")
    for path in (ROOT / "models" / layer).rglob("*.sql")
}
# What changes no query's result: names of schemas, the catalog of sources, reading of values.
WITHOUT_RESULT = {
    *("generate_schema_name", "query_values", "register_source", "register_sources"),
    *("built", "columns_now", "contract_yaml", "description_yaml", "promises_yaml", "drop_dev"),
}


def test_every_break_fits_its_file() -> None:
    for mutant in MUTANTS:
        mutant.broken((ROOT / mutant.file).read_text())
        assert set(mutant.builds) <= set(MODELS), mutant


def test_a_break_that_fits_no_more_is_an_error() -> None:
    mutant = Mutant(file="x.sql", breaks="a filter", text="where a", becomes="")
    with pytest.raises(MutantOutOfStepError, match="occurs 0 times, not 1"):
        mutant.broken("select a")
    with pytest.raises(MutantOutOfStepError, match="occurs 2 times, not 1"):
        mutant.broken("where a or where a")


def test_breaks_of_a_file_have_names_of_their_own() -> None:
    named = Counter((mutant.file, mutant.breaks) for mutant in MUTANTS)
    assert [name for name, count in named.items() if count > 1] == []


def test_every_model_is_broken_twice_or_more() -> None:
    broken = Counter(mutant.file for mutant in MUTANTS)
    assert [file for file in MODELS.values() if broken[file] < 2] == []


def test_every_macro_that_makes_results_is_broken() -> None:
    broken = {Path(mutant.file).stem for mutant in MUTANTS}
    macros = {path.stem for path in (ROOT / "macros").glob("*.sql")}
    assert {name for name in macros - broken if not name.startswith("test_")} == WITHOUT_RESULT
