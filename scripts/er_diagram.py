"""Entity-relationship diagrams of gold, as SVG, from what dbt knows of the project.

Tables and columns are those of the contracts, keys those with a uniqueness test, lines those
with a relationships test: what the diagram says is what every build checks.

    python scripts/er_diagram.py target/manifest.json docs/assets
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from er_layout import place
from er_svg import drawn
from er_table import Line, Table

Manifest = dict[str, Any]

UNIQUE = ("unique", "unique_together")


def tables(manifest: Manifest) -> dict[str, Table]:
    """The public tables of gold by name."""
    nodes = sorted(manifest["nodes"].values(), key=lambda node: str(node["unique_id"]))
    tests = [node for node in nodes if "test_metadata" in node]
    keys = {(test["attached_node"], column) for test in tests for column in _key_of(test)}
    lines = [_line_of(test, manifest) for test in tests if _name_of(test) == "relationships"]
    return {
        node["name"]: Table(
            name=node["name"],
            folder=node["fqn"][2] if len(node["fqn"]) > 3 and node["fqn"][2] in FOLDERS else "",
            columns={name: column["data_type"] for name, column in node["columns"].items()},
            key=frozenset(name for name in node["columns"] if (node["unique_id"], name) in keys),
            lines=tuple(line for child, line in lines if child == node["unique_id"]),
        )
        for node in nodes
        if node["resource_type"] == "model"
        and node["schema"] == "gold"
        and node["access"] == "public"
        and node["config"]["materialized"] != "view"
    }


FOLDERS = ("aggregates", "recommender")


def _name_of(test: dict[str, Any]) -> str:
    return str(test["test_metadata"]["name"])


def _key_of(test: dict[str, Any]) -> list[str]:
    if _name_of(test) not in UNIQUE:
        return []
    arguments = test["test_metadata"]["kwargs"]
    return list(arguments.get("columns") or [arguments["column_name"]])


def _line_of(test: dict[str, Any], manifest: Manifest) -> tuple[str, Line]:
    child = str(test["attached_node"])
    (parent,) = (name for name in test["depends_on"]["nodes"] if name != child)
    arguments = test["test_metadata"]["kwargs"]
    line = Line(
        column=arguments["column_name"],
        parent=manifest["nodes"][parent]["name"],
        parent_column=arguments["field"],
    )
    return child, line


def diagrams(manifest: Manifest) -> dict[str, str]:
    """File name and SVG of each diagram: the snowflake, and the aggregates upon it."""
    known = tables(manifest)
    snowflake = {name: table for name, table in known.items() if table.folder != "aggregates"}
    aggregates = {name: table for name, table in known.items() if table.folder == "aggregates"}
    led_to = {line.parent for table in aggregates.values() for line in table.lines}
    aggregates |= {name: known[name].without_lines() for name in sorted(led_to)}
    return {
        "snowflake.svg": drawn(place(snowflake), title="The snowflake of gold"),
        "aggregates.svg": drawn(place(aggregates), title="The aggregates of gold"),
    }


def main() -> None:
    """Write the diagrams of a manifest into a folder."""
    if len(sys.argv) != 3:
        sys.exit("Usage: er_diagram.py MANIFEST FOLDER")
    manifest, folder = map(Path, sys.argv[1:])
    if not manifest.exists():
        sys.exit(f"There is no {manifest}: run `dbt parse` first.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, svg in diagrams(json.loads(manifest.read_text(encoding="utf-8"))).items():
        (folder / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
