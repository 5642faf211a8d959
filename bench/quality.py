"""How good the lists are that `medley run` publishes, on listening of one's own, beside others'.

A fifth of each user's items is held out. The rest is served as an API, goes through the whole
pipeline with its default settings, and what comes out is compared with what was held out. Start it
in the project's folder, as a module: `python -m bench.quality --help`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from bench.als_ways import IMPLICIT_PYTHON
from bench.figures import Figure
from bench.interactions import ITEM, PASSED_OVER, PLAYS, TIME, USER, Interactions, read, serving
from recommender.judging import DEPTH, RECALL_DEPTH, Judged, judge

MEDLEY = Path(sys.executable).with_name("medley")
NORMAL = 1.96  # standard errors to either side, for 95 %


def published(interactions: Interactions, folder: Path) -> tuple[pa.Table, float]:
    """Medley's lists, and the seconds from the API to the serving database."""
    started = time.perf_counter()
    with serving(interactions) as url:
        command = [str(MEDLEY), "run", "--lake", str(folder / "lake"), "--api-url", url]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
    seconds = time.perf_counter() - started
    rows = ds.dataset(folder / "lake" / "gold" / "recommendations", format="parquet")
    columns = {"key": "user_id", "item_key": "track_id", "rank": "rank"}
    numbers = {name: ds.field(of).cast(pa.int64()) for name, of in columns.items()}
    return rows.to_table(columns=numbers), seconds


def others(interactions: Interactions, folder: Path, cores: int) -> dict[str, pa.Table]:
    """The lists of all others, by their names."""
    interactions.keep(folder)
    command = [IMPLICIT_PYTHON, "-m", "bench.quality_others", str(folder)]
    command += ["--length", str(RECALL_DEPTH), "--cores", str(cores)]
    subprocess.run(command, check=True)  # noqa: S603
    return {path.stem: pq.read_table(path) for path in sorted((folder / "others").iterdir())}


def table_of(judged: dict[str, Judged], items: int) -> Table:
    """A row for each way."""
    table = Table(title="lists at what was held out", title_justify="left")
    table.add_column("")
    measures = (f"ndcg@{DEPTH}", "95 %", f"recall@{RECALL_DEPTH}", f"map@{DEPTH}")
    for column in (*measures, f"coverage@{DEPTH}"):
        table.add_column(column, justify="right")
    for name, of in judged.items():
        error = NORMAL * of.ndcg.std() / np.sqrt(len(of.ndcg))
        means = (of.recall.mean(), of.precision.mean(), of.items / items)
        each = [f"{value:.3f}" for value in means]
        table.add_row(name, f"{of.ndcg.mean():.3f}", f"± {error:.3f}", *each)
    return table


def best_of_each(judged: dict[str, Judged]) -> Iterator[tuple[str, str, Judged]]:
    """Of each kind the parameters that turn out best, which only who knows the answer can tell.

    Yields:
        The kind; its parameters, if it has any; how good the lists are.
    """
    kinds: dict[str, dict[str, Judged]] = {}
    for name, of in judged.items():
        kind, _, parameters = name.partition(": ")
        kinds.setdefault(kind, {})[parameters] = of
    for kind, tried in kinds.items():
        best = max(tried, key=lambda parameters: _ndcg(tried[parameters]))
        yield kind, f"the best of {len(tried)}: {best}" if best else "", tried[best]


def _ndcg(judged: Judged) -> float:
    return float(judged.ndcg.mean())


def parsed() -> argparse.Namespace:
    """What file, and how to read it, from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("file", type=Path, help="Of text, a row per user and item.")
    names = (USER, ITEM, PLAYS, TIME, PASSED_OVER)
    said = f"Its columns; {TIME}: seconds since 1970, {PASSED_OVER}: passed over."
    add("--columns", nargs="+", choices=names, default=[USER, ITEM], help=said)
    add("--delimiter", default=",", help="Between columns; 'tab' for a tab.")
    add("--skip", type=int, default=0, help="Lines before the first row.")
    add("--share-of-plays", type=float, default=1.0, help="Of each row's plays, rounded up.")
    add("--cores", type=int, default=os.cpu_count(), help="Of the others.")
    add("--seed", type=int, default=42, help="Of the holdout, where there is no time.")
    options = parser.parse_args()
    if not {USER, ITEM} <= set(options.columns):
        parser.error(f"--columns has to name {USER} and {ITEM}")
    return options


def main() -> None:
    """Publish, judge, and print."""
    options = parsed()
    console = Console(highlight=False, soft_wrap=True)
    try:
        told = read(
            options.file,
            options.columns,
            delimiter={"tab": "\t"}.get(options.delimiter, options.delimiter),
            skip=options.skip,
            share_of_plays=options.share_of_plays,
            seed=options.seed,
        )
    except (OSError, pa.ArrowInvalid) as error:
        sys.exit(f"{options.file}: {error}; see --columns, --delimiter and --skip")
    wanted = pa.table({"key": told.users[told.held_out], "item_key": told.items[told.held_out]})
    items = int(told.items.max()) + 1
    how = "at random" if told.times is None else "the latest"
    console.print(
        f"{len(told.users):,} pairs of {told.users.max() + 1:,} users and {items:,} items,"
        f" {told.plays.sum():,} plays; {len(wanted):,} held out, {how}"
    )
    with tempfile.TemporaryDirectory(prefix="medley-bench-") as name:
        mine, seconds = published(told, Path(name))
        lists = others(told, Path(name), options.cores)
    ours = judge(mine, wanted)
    theirs = list(best_of_each({way: judge(listed, wanted) for way, listed in lists.items()}))
    theirs.sort(key=lambda way: -_ndcg(way[2]))
    rows = {"Medley, as published": ours} | {name: of for name, _, of in theirs}
    console.print(table_of(rows, items))
    for name, parameters, _ in theirs:
        if parameters:
            console.print(f"  {name}, {parameters}")
    ratio = _ndcg(ours) / _ndcg(theirs[0][2])
    console.print(f"  `medley run` took {seconds:.0f} s")
    console.print(str(Figure("Medley / the best of the others, ndcg@10", ratio, at_least=1)))


if __name__ == "__main__":
    main()
