"""Publishing against the least it can take, on SQLite and PostgreSQL, in one run.

Start it in the project's folder, as a module: `python -m bench.publish --help`.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from bench import floors
from bench.figures import Figure
from bench.gold import LENGTH, write_gold, write_recommendations
from bench.lookups import Taken, percentiles
from bench.publish_once import Published, publish_once
from publish.rollback import rollback
from tests.postgresql import PASSWORD, started

MEGABYTE = 10**6
SAME = 1.1  # memory that differs by no more than this factor does not grow
CLIENTS = 8
FEW = 0.02
FLOOR_FILE = "floor.db"
AT_MOST = {"sqlite": (1.5, 1.0), "postgresql": (1.3, 5.0)}  # times the floor, ms of a lookup


def measured(
    engine: str, url: str, folder: Path, options: argparse.Namespace
) -> Iterator[Table | Figure]:
    """One engine: all lists, from nothing and again; a few; lookups; back; fewer rows."""
    factor, milliseconds = AT_MOST[engine]
    lake, users = folder / "lake", options.rows // LENGTH
    write_gold(lake, rows=options.rows)
    floors.write_rows(lake, folder / "rows")
    least: list[float] = []
    all_lists: list[Published] = []
    for model in range(1, options.rounds + 2):
        least.append(_floor(engine, folder, url))
        write_recommendations(lake, users=users, model=model)
        all_lists.append(publish_once(lake, url))
    last = options.rounds + 1
    write_recommendations(lake, users=users, model=last + 1, before=last, changed_share=FEW)
    few = publish_once(lake, url)
    served, bare = _lookups(engine, folder, url, options)
    started = time.perf_counter()
    rollback(url=url)
    back = time.perf_counter() - started

    floor = statistics.median(least)
    again = [published.seconds for published in all_lists[1:]]
    table = Table(title=f"{engine}, {options.rows:,} recommendations", title_justify="left")
    for column in ("", "seconds", "rows written"):
        table.add_column(column, justify="left" if column != "rows written" else "right")
    table.add_row("the floor", _seconds(least), f"{options.rows:,}")
    table.add_row("from nothing", _seconds([all_lists[0].seconds]), _written(all_lists[0]))
    table.add_row("all changed", _seconds(again), _written(all_lists[-1]))
    table.add_row(f"{FEW:.0%} changed", _seconds([few.seconds]), _written(few))
    yield table
    yield Figure("from nothing / floor", all_lists[0].seconds / floor)
    yield Figure("all changed / floor", statistics.median(again) / floor, at_most=factor)
    yield Figure(f"{FEW:.0%} changed / all changed, time", few.seconds / statistics.median(again))
    share = few.rows_written / options.rows
    yield Figure(f"{FEW:.0%} changed, share of rows written", share, at_most=FEW)
    name = f"lookup, {CLIENTS} clients"
    yield Figure(f"{name}, median", served.median * 1000, unit=" ms")
    yield Figure(f"{name}, p99", served.p99 * 1000, at_most=milliseconds, unit=" ms")
    yield Figure(f"{name}, bare table, median", bare.median * 1000, unit=" ms")
    yield Figure(f"{name}, bare table, p99", bare.p99 * 1000, unit=" ms")
    yield Figure("rollback", back, at_most=1.0, unit=" s")
    yield from _memory(all_lists[0], folder, url, options)


def _lookups(
    engine: str, folder: Path, url: str, options: argparse.Namespace
) -> tuple[Taken, Taken]:
    """Of what is served, and of the table that the last floor left."""
    is_sqlite = engine == "sqlite"
    served = "recommendations" if is_sqlite else "medley.recommendations"
    tables = {served: url, "floor": f"sqlite:///{folder / FLOOR_FILE}" if is_sqlite else url}
    found = percentiles(
        tables, clients=CLIENTS, lookups=options.lookups, users=options.rows // LENGTH
    )
    return found[served], found["floor"]


def _memory(
    most: Published, folder: Path, url: str, options: argparse.Namespace
) -> Iterator[Figure]:
    lake = folder / "fewer"
    write_gold(lake, rows=options.fewer_rows)
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create database fewer")
        url = f"{url.rpartition('/')[0]}/fewer"
    else:
        url = f"{url}.fewer"
    fewest = publish_once(lake, url)
    for rows, peak in ((options.fewer_rows, fewest.peak), (options.rows, most.peak)):
        yield Figure(f"most memory, {rows:,} rows", peak / MEGABYTE, unit=" MB")
    yield Figure("of most rows / of fewest", most.peak / fewest.peak, at_most=SAME)


def _floor(engine: str, folder: Path, url: str) -> float:
    if engine == "sqlite":
        return floors.sqlite(folder / "rows", folder / FLOOR_FILE)
    return floors.postgresql(folder / "rows", url)


def _seconds(taken: list[float]) -> str:
    return " ".join(f"{seconds:.1f}" for seconds in taken)


def _written(published: Published) -> str:
    return f"{published.rows_written:,}"


@contextmanager
def _url(engine: str, folder: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'serving.db'}"
        return
    with started(settings="") as server:
        yield f"postgresql://medley:{PASSWORD}@{server.address}/postgres"


def parsed() -> argparse.Namespace:
    """Sizes and engines from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--engines", nargs="+", choices=AT_MOST, default=list(AT_MOST), help="Where to.")
    add("--rows", type=int, default=5_000_000, help="Recommendations, ten a user.")
    add("--rounds", type=int, default=4, help="How often all of them change.")
    add("--fewer-rows", type=int, default=1_000_000, help="The smaller lake, for memory.")
    add("--lookups", type=int, default=2_000, help="Of each client.")
    return parser.parse_args()


def main() -> None:
    """Measure each engine; print the figures and the versions."""
    options = parsed()
    console = Console(highlight=False, soft_wrap=True)
    for engine in options.engines:
        with tempfile.TemporaryDirectory(prefix="medley-bench-") as name:
            folder = Path(name)
            with _url(engine, folder) as url:
                for part in measured(engine, url, folder, options):
                    console.print(part if isinstance(part, Table) else str(part))
        console.print()
    parts = f"SQLite {sqlite3.sqlite_version}, psycopg {psycopg.__version__}"
    versions = f"Python {platform.python_version()}, pyarrow {pa.__version__}, {parts}"
    console.print(f"{versions}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
