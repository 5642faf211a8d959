"""A dbt command on Medley's models, in a process of its own: `python -m bench.build_medley --help`.

Writes as JSON: what it cost in all and by node, what Spark did, and the plan, which is what the
floor has to do: sources, seeds, and the SQL of each model as dbt compiled it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from dbt.contracts.graph.manifest import Manifest
from pyspark.sql import SparkSession

from bench.dbt_steps import Project, found
from bench.spark_watch import watching

ROOT = Path(__file__).parents[1]


def plan_of(manifest: Manifest, results: list[Any], settings: dict[str, str]) -> dict[str, Any]:
    """What a build does, without dbt."""
    sources = [
        {
            "relation": f"{source.schema}.{source.identifier}",
            "location": source.external.location,
            "columns": {c.name: c.data_type for c in source.columns.values()},
        }
        for source in manifest.sources.values()
        if source.external
    ]
    seeds = [f"{n.schema}.{n.name}" for n in manifest.nodes.values() if _is(n, "seed")]
    built = {r.node.unique_id: r.node for r in results if _is(r.node, "model")}
    models = {
        node.name: {
            "relation": f"{node.schema}.{node.name}",
            "sql": node.compiled_code,
            "is_view": node.config.materialized == "view",
            "partition_by": node.config.get("partition_by") or [],
            "after": [built[key].name for key in node.depends_on.nodes if key in built],
        }
        for node in built.values()
    }
    return {"sources": sources, "seeds": seeds, "models": models, "settings": settings}


def _is(node: Any, kind: str) -> bool:
    return str(node.resource_type) == kind


def main() -> None:
    """Parse, load the seeds (which starts Spark), then run the commands; the last is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="Where dbt may write.")
    parser.add_argument("out", type=Path, help="The file to write.")
    parser.add_argument("command", help="A dbt command and its options, as one word.")
    options = parser.parse_args()
    project = Project(ROOT, ROOT / "profiles", options.folder / "target")

    parse, manifest = project.parse()
    seeds, _ = project.run(["seed"], manifest)
    session = SparkSession.builder.getOrCreate()  # dbt's
    with watching(session) as watched:
        cost, results = project.run(options.command.split(), manifest)
    rows = {r.node.name: r.adapter_response.get("rows_affected") for r in results}
    findings = found(parse, seeds, cost, results)
    findings |= {"rows": rows, "split": watched.split()}
    if options.command.startswith("run"):
        settings = dict(session.sparkContext.getConf().getAll())
        findings["plan"] = plan_of(manifest, results, settings)
    options.out.write_text(json.dumps(findings))


if __name__ == "__main__":
    main()
