"""The recommender's lists and training against Spark's own and the `implicit` library.

Each way runs in a process of its own, on the same listening and factors. Start it in the project's
folder, as a module: `python -m bench.als --help`.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.als_ways import Ways
from bench.figures import Figure
from bench.listening import listening
from recommender.blas import WITHOUT

MEGABYTE = 10**6
DEFAULT_BLOCKS, BLOCKS = 10, 2  # of Spark; of Medley, in the model's YAML
SIMILAR = 1e-3  # of the length of a track's factors
Part = Table | Figure | str


class DifferentFactorsError(AssertionError):
    """Factors learned with a native BLAS and without differ by more than rounding."""


def lists(ways: Ways) -> Iterator[Part]:
    """All users' best tracks."""
    options, found = ways.options, ways.lists("users")
    took = {
        "Medley": found["medley"],
        "Medley, random factors": found["random"],
        "Medley, with neighbours": found["blended"],
        "Medley, with neighbours and reasons": found["told"],
        "recommendForAllUsers": found["spark"],
        "implicit": [ways.implicit("lists")],
    }
    yield seconds(
        f"top {options.length} of {options.tracks:,} tracks for {options.users:,} users, "
        f"rank {options.rank}; Spark alone leaves heard tracks in",
        took,
    )
    yield f"  {found['checked']} of Medley's lists are those of brute force"
    yield Figure("times as fast as recommendForAllUsers", _ratio(took), at_least=10)
    yield Figure("times as fast as implicit", _ratio(took, "implicit"))
    more = ("random factors", "with neighbours", "with neighbours and reasons")
    for way in (f"Medley, {what}" for what in more):
        times = _ratio(took, mine=way)
        yield Figure(f"{way}: times as fast as recommendForAllUsers", times)
    yield f"  learning the neighbours took {found['learned']:.1f} s, once a training"
    for at_once, most in found["memory"].items():
        yield Figure(
            f"memory of a Python worker, {at_once} users at a time", most / MEGABYTE, unit=" MB"
        )


def similar(ways: Ways) -> Iterator[Part]:
    """Each track's most similar ones."""
    options, found = ways.options, ways.lists("tracks")
    took = {"Medley": found["medley"], "recommendForAllUsers": found["spark"]}
    yield seconds(
        f"{options.length} similar tracks of each of {options.tracks:,}, rank {options.rank}", took
    )
    yield f"  {found['checked']} of Medley's lists are those of brute force"
    yield Figure("times as fast as recommendForAllUsers", _ratio(took), at_least=10)


def training(ways: Ways) -> Iterator[Part]:
    """An iteration of training, and whether a native BLAS changes what is learned."""
    options = ways.options
    blocks, default = ("--blocks", str(BLOCKS)), ("--blocks", str(DEFAULT_BLOCKS))
    found = {
        "Medley": ways.fit("medley", *blocks),
        "Medley, no native BLAS": ways.fit("java", *blocks, "--java"),
        "Spark's defaults": ways.fit("defaults", *default, "--java"),
        "implicit, Cholesky": {"seconds": ways.implicit("training")},
    }
    took = {name: [each["seconds"]] for name, each in found.items()}
    yield seconds(
        f"an iteration of training on {options.pairs:,} pairs of {options.users:,} users and "
        f"{options.tracks:,} tracks, rank {options.rank}",
        took,
    )
    if not found["Medley"]["native"]:
        yield f"  {WITHOUT}"
    defaults, cholesky = "Spark's defaults", "implicit, Cholesky"
    yield Figure("Medley / Spark's defaults", 1 / _ratio(took, defaults), at_most=0.6)
    yield Figure("Medley / implicit's Cholesky", 1 / _ratio(took, cholesky), at_most=2)
    yield Figure("with a native BLAS / without", 1 / _ratio(took, "Medley, no native BLAS"))
    rest, theirs = found["Medley"]["rest"], found[defaults]["rest"]
    yield f"  beside its iterations a training takes {rest:.1f} s, with defaults {theirs:.1f} s"
    learned = [np.load(ways.folder / f"{name}.npy") for name in ("medley", "java")]
    yield f"  factors with and without a native BLAS differ by {_apart(*learned):.1e} of a length"


def _apart(native: Any, java: Any) -> float:
    """The furthest that a track's factors are from the other's, as a share of their length.

    Raises:
        DifferentFactorsError: further than rounding explains.
    """
    lengths = np.linalg.norm(java, axis=1)
    apart = float((np.linalg.norm(native - java, axis=1) / lengths).max())
    if apart > SIMILAR:
        raise DifferentFactorsError(f"factors differ by {apart:.1e} of their length")
    return apart


def _ratio(
    took: dict[str, list[float]], other: str = "recommendForAllUsers", *, mine: str = "Medley"
) -> float:
    return statistics.median(took[other]) / statistics.median(took[mine])


def seconds(title: str, took: dict[str, list[float]]) -> Table:
    """Seconds of each round, and their median."""
    table = Table(title=title, title_justify="left")
    for column in ("", "seconds", "median"):
        table.add_column(column, justify="right" if column == "median" else "left")
    for name, times in took.items():
        each = " ".join(f"{time:.2f}" for time in times)
        table.add_row(name, each, f"{statistics.median(times):.2f}")
    return table


PARTS = {"lists": lists, "similar": similar, "training": training}


def main() -> None:
    """Draw listening once, run the parts, print what comes out of each as it does."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--tracks", type=int, default=50_000)
    parser.add_argument("--pairs", type=int, default=3_000_000, help="of a user and a track heard")
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--length", type=int, default=20, help="tracks a list")
    parser.add_argument("--rounds", type=int, default=3, help="of lists, in turns")
    parser.add_argument("--iterations", type=int, default=5, help="of training, at least 3")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        drawn = listening(
            users=options.users, tracks=options.tracks, pairs=options.pairs, seed=options.seed
        )
        drawn.keep(Path(folder))
        for part in options.parts:
            for printed in PARTS[part](Ways(Path(folder), options)):
                console.print(
                    str(printed) if isinstance(printed, Figure) else printed, soft_wrap=True
                )
    versions = ", ".join(f"{name} {version(name)}" for name in ("pyspark", "numpy", "pyarrow"))
    console.print(f"Python {platform.python_version()}, {versions}, local[{options.cores}]")


if __name__ == "__main__":
    main()
