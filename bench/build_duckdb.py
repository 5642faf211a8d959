"""dbt-duckdb on landed files, in a process of its own: `python -m bench.build_duckdb --help`."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import duckdb

from bench.dbt_steps import Project, found

FOLDER = Path(__file__).parent / "duckdb"


def main() -> None:
    """Build once; write what it cost, and the rows of each table, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="Where dbt may write.")
    parser.add_argument("out", type=Path, help="The file to write.")
    parser.add_argument("command", help="A dbt command and its options, as one word.")
    options = parser.parse_args()
    database = options.folder / "medley.duckdb"
    database.unlink(missing_ok=True)
    os.environ["MEDLEY_BENCH_DATABASE"] = str(database)
    project = Project(FOLDER, FOLDER, options.folder / "target-duckdb")

    parse, manifest = project.parse()
    seeds, _ = project.run(["seed"], manifest)
    cost, results = project.run(options.command.split(), manifest)
    rows, plays = counted(database, [r.node for r in results])
    findings = found(parse, seeds, cost, results)
    options.out.write_text(json.dumps(findings | {"rows": rows, "plays": plays}))


def counted(database: Path, nodes: list[Any]) -> tuple[dict[str, int], int]:
    """Rows by table, and the plays of the fact."""
    tables = [node for node in nodes if node.config.materialized == "table"]
    with duckdb.connect(str(database)) as connection:

        def only(table: str, what: str) -> int:
            return int(connection.table(table).aggregate(what).fetchall()[0][0])

        rows = {node.name: only(f"{node.schema}.{node.name}", "count(*)") for node in tables}
        return rows, only("gold.fct_listen_history", "sum(play_count)")


if __name__ == "__main__":
    main()
