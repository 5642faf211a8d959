"""The page on SQL style shows every rule that is on, by lines that break and keep it."""

from __future__ import annotations

import re

import pytest
from sqlfluff.core import FluffConfig, Linter

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "sql-style.md").read_text()
LINTER = Linter(config=FluffConfig.from_path(str(ROOT / "models")))
ON = {rule.code: rule.name for rule in LINTER.get_rulepack().rules}
ROW = re.compile(r"^\| (\w{4}) (\S+) \| (`+)(.+?)\3 \| (`+)(.+?)\5 \|$", re.M)
SHOWN = [(row[0], row[1], row[3], row[5]) for row in ROW.findall(PAGE)]


def broken(line: str) -> set[str]:
    """The rules that a line of the page breaks."""
    sql = line.replace("⏎", "\n") + ("" if line.endswith("⏎") else "\n")
    linted = LINTER.lint_string(sql, fname=str(ROOT / "models" / "example.sql"))
    return {violation.rule_code() for violation in linted.get_violations()}


def test_every_rule_that_is_on_is_shown_or_said_to_be_silent() -> None:
    assert {code: name for code, name, _, _ in SHOWN}.items() <= ON.items()
    silent = set(re.findall(r"\b[A-Z]{2}\d\d\b", PAGE.rpartition("On, but")[2]))
    assert {code for code, *_ in SHOWN} | silent == set(ON)
    assert len(SHOWN) == PAGE.count("\n| ") - 1


@pytest.mark.parametrize(("code", "wrong", "right"), [(row[0], *row[2:]) for row in SHOWN])
def test_a_shown_line_breaks_or_keeps_its_rule(code: str, wrong: str, right: str) -> None:
    assert code in broken(wrong)
    assert not {code, "PRS", "TMP"} & broken(right)
