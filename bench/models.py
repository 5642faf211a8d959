"""Medley's models against their floor and against dbt-duckdb, at several sizes.

The floor is the same SQL in a bare Spark session. Start it in the project's folder, as a module:
`python -m bench.models --help`.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import bronze
from bench.builds import Findings, Lake, models_in_duckdb, require_same
from bench.figures import Figure

CHOSEN = ("--exclude", "tag:recommender")
WHOLE = ("run", "--full-refresh", *CHOSEN)
DEMO = 150_000  # listens of `make run`, about
INCREMENTS = {
    "the models up to the fact": ("run", "--select", "+fct_listen_history"),
    "all models": ("run", *CHOSEN),
}
SLOWEST = 12
Part = Table | Figure | str


def demo(lake: Lake) -> Iterator[Part]:
    """Jobs of models and of data tests, on as much data as `make run` has."""
    found = {"models": lake.medley(*WHOLE)}
    found["data tests"] = lake.medley("test", *CHOSEN, "test_type:unit")
    title = f"demo, {lake.listens:,} listens: Spark jobs, and seconds by where they went"
    table = Table(title=title, title_justify="left")
    columns = ("", "nodes", "jobs", "seconds", "jobs run", "JVM otherwise", "Python", "parse")
    for column in (*columns, "Spark starts, seeds"):
        table.add_column(column, justify="right" if column else "left")
    for name, build in found.items():
        table.add_row(name, str(len(build["rows"])), *_split(build), *_before(build))
    yield table


def builds(lake: Lake, rounds: int, took: dict[int, float]) -> Iterator[Part]:
    """A whole build, its floor, and dbt-duckdb on the models it has too."""
    found: dict[str, list[Findings]] = {"Medley": [], "floor": []}
    for _ in range(rounds):
        found["Medley"].append(lake.medley(*WHOLE))
        found["floor"].append(lake.floor())
    medley, floor = found["Medley"][-1], found["floor"][-1]
    tables = [model for model, rows in medley["rows"].items() if rows is not None]
    require_same("floor", medley, floor, tables)
    yield costs(f"{lake.listens:,} listens, {len(tables)} tables", found)
    yield slowest(medley, floor)
    took[lake.listens] = _middle(found["Medley"])
    yield Figure(
        "Medley / floor, time", _middle(found["Medley"]) / _middle(found["floor"]), at_most=1.25
    )
    yield Figure(
        "Medley / floor, processor",
        _middle(found["Medley"], "cpu") / _middle(found["floor"], "cpu"),
    )
    yield from against_duckdb(lake, medley, rounds)


def against_duckdb(lake: Lake, medley: Findings, rounds: int) -> Iterator[Part]:
    """The models that both projects have; Medley's are built again if it has more."""
    mine = set(medley["plan"]["models"])
    shared = sorted(mine & models_in_duckdb())
    select = ("run", "--full-refresh", "--select", *shared)
    found: dict[str, list[Findings]] = {"Medley": [], "dbt-duckdb": []}
    for _ in range(rounds):
        found["dbt-duckdb"].append(lake.duckdb(*select))
        found["Medley"].append(lake.medley(*select) if mine - set(shared) else medley)
    require_same("dbt-duckdb", found["Medley"][-1], found["dbt-duckdb"][-1], shared)
    missing = ", ".join(sorted(mine - set(shared))) or "none"
    yield costs(f"{len(shared)} models that both have (Medley's others: {missing})", found)
    ratio = _middle(found["Medley"]) / _middle(found["dbt-duckdb"])
    yield Figure("Medley / dbt-duckdb, time", ratio)


def increments(lake: Lake, whole: float) -> Iterator[Part]:
    """What a day's records cost after the whole build, each in a fresh process."""
    for day, (name, words) in enumerate(INCREMENTS.items()):
        records = bronze.write_day(lake.path, lake.listens, day)
        build = lake.medley(*words)
        yield costs(f"a day more, {records:,} records: {name}", {"Medley": [build]})
        yield slowest(build)
        yield Figure(f"{name} after a day / whole build", build["seconds"] / whole, at_most=0.1)


def costs(title: str, found: dict[str, list[Findings]]) -> Table:
    """What each build cost."""
    table = Table(title=title, title_justify="left")
    columns = ("", "seconds", "processor s", "jobs", "jobs run", "JVM otherwise", "Python", "parse")
    for column in (*columns, "start, seeds"):
        table.add_column(column, justify="right" if column else "left")
    for name, rounds in found.items():
        for build in rounds:
            jobs, seconds, *split = _split(build)
            table.add_row(name, seconds, f"{build['cpu']:.1f}", jobs, *split, *_before(build))
    return table


def slowest(medley: Findings, floor: Findings | None = None) -> Table:
    """The models that take longest. Several run at once, so seconds do not add up."""
    table = Table(title="slowest models, seconds", title_justify="left")
    for column in ("", "Medley", "floor", "rows"):
        table.add_column(column, justify="right" if column else "left")
    nodes = sorted(medley["nodes"].items(), key=lambda node: -node[1])
    for name, seconds in nodes[:SLOWEST]:
        other = floor["nodes"].get(name) if floor else None
        rows = medley["rows"].get(name)
        table.add_row(name, *(_text(part, 1) for part in (seconds, other)), _text(rows, 0))
    return table


def _text(number: float | None, digits: int) -> str:
    return "" if number is None else f"{number:,.{digits}f}"


def _split(build: Findings) -> list[str]:
    split = build.get("split", {})
    parts = [split.get("running"), split.get("calling"), split.get("python")]
    return [_text(split.get("jobs"), 0), *(_text(part, 1) for part in (build["seconds"], *parts))]


def _before(build: Findings) -> list[str]:
    return [_text(build.get(name), 1) for name in ("parse", "seeds")]


def _middle(rounds: list[Findings], what: str = "seconds") -> float:
    return statistics.median(build[what] for build in rounds)


def cases(options: argparse.Namespace, folder: Path) -> Iterator[Part]:
    """Everything, one after the other; sizes from small to large."""

    def landed(listens: int) -> Lake:
        lake = Lake(folder / str(listens), listens, options.threads)
        lake.land()
        return lake

    if options.demo:
        yield from demo(landed(options.demo))
    took: dict[int, float] = {}
    for listens in sorted(options.listens):
        lake = landed(listens)
        yield from builds(lake, options.rounds, took)
    if options.increments and took:
        yield from increments(lake, took[listens])
    for (few, before), (many, after) in zip(
        list(took.items())[:-1], list(took.items())[1:], strict=True
    ):
        name = f"time of {many:,} / of {few:,} listens"
        yield Figure(name, after / before, at_most=many / few)


def parsed() -> argparse.Namespace:
    """Sizes from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--demo", type=int, default=DEMO, help="Listens for counting jobs; 0 for none.")
    add("--listens", type=int, nargs="*", default=[1_000_000, 10_000_000], help="Sizes.")
    add("--rounds", type=int, default=1, help="Builds of each, in turns; medians count.")
    add("--threads", type=int, default=4, help="Models at once, of dbt and of the floor.")
    add("--no-increments", dest="increments", action="store_false", help="No day more.")
    add("--folder", type=Path, help="Where to write; a temporary folder if not given.")
    return parser.parse_args()


def main() -> None:
    """Print tables and figures as they come, then what DuckDB was told, and the versions."""
    options = parsed()
    console = Console(highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory() as temporary:
        for part in cases(options, options.folder or Path(temporary)):
            console.print(part if isinstance(part, Table) else str(part))
    console.print("dbt-duckdb: native tables, one model at a time on all cores, rows in any order")
    versions = ", ".join(f"{name} {version(name)}" for name in ("dbt-core", "pyspark", "pyarrow"))
    console.print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
