"""The list of breaks keeps step with the models; `make mutants` tries them."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml

from scripts.mutation import copies
from scripts.mutation.mutants import Mutant, MutantOutOfStepError, load
from scripts.mutation.workshop import interpreted
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
    *(
        "as_promised",
        "built",
        "columns_now",
        "columns_so_far",
        "contract_yaml",
        "description_yaml",
        "promises_yaml",
        "drop_dev",
    ),
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


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_breaks_are_copies_beside_models_that_stay_whole(tmp_path: Path) -> None:
    for part in ("models", "macros"):
        shutil.copytree(ROOT / part, tmp_path / part)
    whole = texts(tmp_path)
    macro = next(it for it in MUTANTS if it.file == "macros/clean_text.sql")
    model = next(it for it in MUTANTS if it.file == "models/gold/fct_listen_history.sql")
    with copies.written(tmp_path, [macro, model]) as copied:
        assert copied == {"broken_0_track_records": macro, "broken_1_fct_listen_history": model}
        more = {name: text for name, text in texts(tmp_path).items() if name not in whole}
        assert texts(tmp_path).items() > whole.items()
    assert texts(tmp_path) == whole

    assert model.becomes in more["broken_1_fct_listen_history.sql"]
    assert "broken_0_clean_text('record.name')" in more["broken_0_track_records.sql"]
    assert "broken_0_clean_text(expression)" in more["broken_0_genre_names.sql"], "it calls it"
    assert "broken_0_fate.sql" not in more, "it does not"
    tests = yaml.safe_load(more["broken_1_fct_listen_history.yml"])["unit_tests"]
    assert {test["model"] for test in tests} == {"broken_1_fct_listen_history"}
    assert len({test["name"] for test in tests}) == len(tests) > 1


def test_the_profile_of_the_workshop_is_one() -> None:
    text = interpreted((ROOT / "profiles" / "profiles.yml").read_text(encoding="utf-8"))
    conf = yaml.safe_load(text)["medley"]["outputs"]["local"]["conf"]
    assert conf["spark.sql.codegen.wholeStage"] is False
    assert "TieredStopAtLevel=1" in conf["spark.driver.extraJavaOptions"]
