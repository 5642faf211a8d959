"""What the documents say, where a machine can tell: links, settings, queries."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from publish.schema import TABLES
from publish.sqlitedb import create_table
from tests.conftest import ROOT

PAGES = [
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "ops").rglob("*.md")),
    *sorted((ROOT / "bench").glob("*.md")),
]


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings make."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in link:
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


def test_every_setting_that_is_read_is_in_the_manual() -> None:
    code = "".join(
        path.read_text()
        for room in ("ingest", "publish", "pipeline", "profiles")
        for path in (ROOT / room).rglob("*")
        if path.suffix in (".py", ".yml")
    )
    read = set(re.findall(r"""["'](MEDLEY_[A-Z_]+|SPARK_REMOTE)["']""", code))
    manual = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs" / "operations.md").read_text(), re.M))
    assert len(read) > 5
    assert read - manual == set()
    assert {name for name in manual - read if name.startswith("MEDLEY_")} == set()


def test_the_queries_run_on_the_serving_schema() -> None:
    text = (ROOT / "docs" / "serving.md").read_text()
    section = text.partition("## Three queries")[2].partition("\n## ")[0]
    [block] = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    queries = [query for query in block.split(";") if query.strip()]
    assert len(queries) == 3
    [age] = re.findall(r"`(select \(julianday.*?)`", section, re.DOTALL)
    connection = sqlite3.connect(":memory:")
    for table in TABLES:
        connection.execute(create_table(table.name, table.columns))
    for query in queries:
        connection.execute(query.replace("medley.", "").replace("$1", "?"), ("u1",))
    connection.execute(age)


def test_every_served_column_is_described() -> None:
    text = (ROOT / "docs" / "serving.md").read_text()
    for table in TABLES:
        section = text.partition(f"**`{table.name}`**")[2].partition("\n**`")[0]
        first = " ".join(line.split("|")[1] for line in section.splitlines() if line[:1] == "|")
        assert [name for name in table.names if f"`{name}`" not in first] == []
