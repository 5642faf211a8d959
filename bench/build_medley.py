"""Medley's models on landed files, in a process of its own: `python -m bench.build_medley --help`.

Writes as JSON: seconds of each step and node, what Spark did, and the plan, which is what the floor
has to do: sources, seeds, and the SQL of each model as dbt compiled it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dbt.adapters.sparksession.session import _sessions
from dbt.contracts.graph.manifest import Manifest

from bench import bronze
from bench.dbt_steps import Project, seconds_of, write
from bench.spark_watch import watching

ROOT = Path(__file__).parents[1]
PATH = ["--select", "+fct_listen_history"]  # the incremental models, and what they are made from


def built(project: Project, words: list[str], manifest: Manifest) -> dict[str, Any]:
    """What a dbt command took, and what Spark did meanwhile."""
    (session,) = _sessions.values()
    with watching(session) as watched:
        seconds, results = project.run(words, manifest)
    rows = {r.node.name: r.adapter_response.get("rows_affected") for r in results}
    split, nodes = watched.split(), seconds_of(results)
    return {"seconds": seconds, "nodes": nodes, "rows": rows, "split": split, "results": results}


def plan_of(manifest: Manifest, results: list[Any]) -> dict[str, Any]:
    """What a build does, without dbt."""
    (session,) = _sessions.values()
    sources = [
        {
            "relation": f"{source.schema}.{source.identifier}",
            "location": source.external.location,
            "columns": {c.name: c.data_type for c in source.columns.values()},
        }
        for source in manifest.sources.values()
        if source.external
    ]
    seeds = [f"{node.schema}.{node.name}" for node in manifest.nodes.values() if _is_seed(node)]
    built = {result.node.unique_id: result.node for result in results}
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
    settings = dict(session.sparkContext.getConf().getAll())
    return {"sources": sources, "seeds": seeds, "models": models, "settings": settings}


def _is_seed(node: Any) -> bool:
    return str(node.resource_type) == "seed"


def main() -> None:
    """Build once, then as often as there are increments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="Where the lake is, and dbt may write.")
    parser.add_argument("out", help="The file to write.")
    parser.add_argument("--models", nargs="+", default=["--exclude", "tag:recommender"])
    parser.add_argument("--threads", default="4")
    parser.add_argument("--listens", type=int, help="Then build two increments of so many / 730.")
    parser.add_argument("--tests", action="store_true", help="Then run the data tests.")
    options = parser.parse_args()
    project = Project(ROOT, ROOT / "profiles", options.folder / "target")
    threads = ["--threads", options.threads]

    parse, manifest = project.parse()
    seeds, _ = project.run(["seed"], manifest)
    models = [word.replace("=", "--", 1) if word.startswith("=") else word for word in options.models]
    whole = ["run", *models, *threads]
    builds = {"whole": built(project, whole, manifest)}
    plan = plan_of(manifest, builds["whole"]["results"])
    if options.tests:
        tests = ["test", "--exclude", "tag:recommender", "test_type:unit", *threads]
        builds["tests"] = built(project, tests, project.parse()[1])
    if options.listens:
        for day, (name, words) in enumerate({"path": ["run", *PATH, *threads], "all": whole}.items()):
            bronze.write_day(options.folder / "lake", options.listens, day)
            builds[name] = built(project, words, project.parse()[1])
    for build in builds.values():
        del build["results"]
    write(options.out, {"parse": parse, "seeds": seeds, "builds": builds, "plan": plan})


if __name__ == "__main__":
    main()
