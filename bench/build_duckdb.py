"""dbt-duckdb on landed files, in a process of its own: `python -m bench.build_duckdb --help`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bench.dbt_steps import Project, seconds_of, write

FOLDER = Path(__file__).parent / "duckdb"


def main() -> None:
    """Build once; write seconds and the rows of each table as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="Where the lake is, and dbt may write.")
    parser.add_argument("out", help="The file to write.")
    options = parser.parse_args()
    os.environ["MEDLEY_LAKE"] = str(options.folder / "lake")
    (options.folder / "lake" / "medley.duckdb").unlink(missing_ok=True)
    project = Project(FOLDER, FOLDER, options.folder / "target-duckdb")

    parse, manifest = project.parse()
    seeds, _ = project.run(["seed"], manifest)
    seconds, results = project.run(["run"], manifest)
    tables = [r.node for r in results if r.node.config.materialized != "view"]
    counts, plays = _counted(options.folder / "lake" / "medley.duckdb", tables)
    findings = {"parse": parse, "seeds": seeds, "seconds": seconds}
    write(options.out, {**findings, "nodes": seconds_of(results), "rows": counts, "plays": plays})


def _counted(database: Path, tables: list) -> tuple[dict[str, int], int]:
    """Rows by table, and the plays of the fact."""
    import duckdb

    with duckdb.connect(str(database)) as connection:

        def only(query: str) -> int:
            return int(connection.execute(query).fetchall()[0][0])

        counts = {t.name: only(f"select count(*) from {t.schema}.{t.name}") for t in tables}
        return counts, only("select sum(play_count) from gold.fct_listen_history")


if __name__ == "__main__":
    main()
