"""The floor: a plan's SQL in a bare Spark session: `python -m bench.build_floor --help`.

The settings are those of the build that made the plan, but for the catalog, which is in memory.
Each model starts when those it reads are there, as many at once as dbt has threads. Tables are
written as Parquet, partitioned as the model's is; there is no dbt, no contract and no swap.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
from pyspark.sql import SparkSession

from bench.clock import clocked
from bench.spark_watch import watching

HIVE = "spark.hadoop.javax.jdo"


def session_of(settings: dict[str, str], folder: Path) -> SparkSession:
    """A session with the settings of a build."""
    builder = SparkSession.builder
    for key, value in settings.items():
        if not key.startswith((HIVE, "spark.app.", "spark.driver.port", "spark.executor.id")):
            builder = builder.config(key, value)
    builder = builder.config("spark.sql.catalogImplementation", "in-memory")
    return builder.config("spark.sql.warehouse.dir", str(folder)).getOrCreate()


def register(session: SparkSession, plan: dict[str, Any], lake: Path) -> None:
    """Make the landed files and the seeds tables; not timed, as dbt's are not."""
    names = [entry["relation"] for entry in (*plan["sources"], *plan["models"].values())]
    for schema in {name.split(".")[0] for name in (*names, *plan["seeds"])}:
        session.sql(f"create schema if not exists {schema}")
    for source in plan["sources"]:
        columns = ", ".join(f"{name} {kind}" for name, kind in source["columns"].items())
        session.sql(
            f"create table {source['relation']} ({columns}) using parquet options "
            f"(path '{lake / source['location']}', recursiveFileLookup 'true')"
        )
    for seed in plan["seeds"]:
        session.read.parquet(str(lake / seed.replace(".", "/"))).write.saveAsTable(seed)


def make(session: SparkSession, model: dict[str, Any]) -> float:
    """Build a model; returns seconds."""
    started = time.perf_counter()
    if model["is_view"]:
        session.sql(f"create view {model['relation']} as {model['sql']}")
    else:
        writer = session.sql(model["sql"]).write.format("parquet")
        writer.partitionBy(*model["partition_by"]).saveAsTable(model["relation"])
    return time.perf_counter() - started


def make_all(session: SparkSession, models: dict[str, Any], threads: int) -> dict[str, float]:
    """Build the models, each after those it reads; returns seconds of each."""
    order = TopologicalSorter({name: model["after"] for name, model in models.items()})
    order.prepare()
    nodes: dict[str, float] = {}
    running: dict[Future[float], str] = {}
    with ThreadPoolExecutor(threads) as pool:
        while order.is_active():
            for name in order.get_ready():
                running[pool.submit(make, session, models[name])] = name
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                nodes[name] = future.result()
                order.done(name)
    return nodes


def place_of(model: dict[str, Any], folder: Path) -> Path:
    """Where Spark put a table."""
    schema, _, name = model["relation"].partition(".")
    return folder / f"{schema}.db" / name


def main() -> None:
    """Run a plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path, help="JSON of bench.build_medley.")
    parser.add_argument("lake", type=Path, help="The lake that build had.")
    parser.add_argument("folder", type=Path, help="An empty one, for the tables.")
    parser.add_argument("out", type=Path, help="The file to write.")
    parser.add_argument("threads", type=int, help="How many models at once.")
    options = parser.parse_args()
    plan = json.loads(options.plan.read_text())["plan"]
    session = session_of(plan["settings"], options.folder)
    register(session, plan, options.lake)
    with watching(session) as watched, clocked() as cost:
        nodes = make_all(session, plan["models"], options.threads)
    rows = {
        name: ds.dataset(place_of(model, options.folder), format="parquet").count_rows()
        for name, model in plan["models"].items()
        if not model["is_view"]
    }
    findings = {**asdict(cost), "nodes": nodes, "rows": rows, "split": watched.split()}
    options.out.write_text(json.dumps(findings))


if __name__ == "__main__":
    main()
