"""Medley's loader against dlt's `rest_api` source and against a bare session.

All read the same pages of one local API, in turns; it runs in a process of its own. Start it in
the project's folder, as a module: `python -m bench.ingest --help`.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
from collections.abc import Callable, Iterator

import dlt
import pyarrow as pa
import requests
from rich.console import Console
from rich.table import Table

from bench import dlt_load, medley_load, memory
from bench.api import ENDPOINTS, serving
from bench.figures import Figure, require_all, table_of, timed

MEGABYTE = 10**6
SAME = 1.1  # memory that differs by no more than this factor does not grow


def throughput(options: argparse.Namespace) -> Iterator[Table | Figure]:
    """No latency: what a record costs."""
    loads = {
        "floor": medley_load.read,
        "dlt as advised": dlt_load.load_as_advised,
        "dlt tuned": dlt_load.load_tuned,
        "Medley": medley_load.load,
    }
    taken: dict[str, list[float]] = {name: [] for name in loads}
    with serving(options.endpoint, options.records) as url:
        for _ in range(options.rounds):
            for name, load in loads.items():
                taken[name].append(timed(load, url, options.endpoint, options.records))
    yield table_of(f"{options.records:,} records, no latency", taken, options.records)
    middle = {name: statistics.median(times) for name, times in taken.items()}
    for name, goal in (("dlt as advised", 10), ("dlt tuned", None)):
        ratio = middle[name] / middle["Medley"]
        yield Figure(f"Medley / {name}, records/s", ratio, at_least=goal)
    yield Figure("Medley / floor, time", middle["Medley"] / middle["floor"], at_most=1.5)


def latency(options: argparse.Namespace) -> Iterator[Table | Figure]:
    """Every answer late, whatever else is asked meanwhile: what waiting costs."""
    records, wait = options.latency_records, options.latency_ms / 1000
    fanned = f"dlt, {dlt_load.FAN_OUT} threads"
    loads = {
        "dlt as advised": dlt_load.load_as_advised,
        fanned: dlt_load.load_fanned_out,
        "Medley": medley_load.load,
    }
    with serving(options.endpoint, records, latency=wait) as url:
        taken = {name: timed(load, url, options.endpoint, records) for name, load in loads.items()}
    title = f"{records:,} records, {options.latency_ms:g} ms an answer"
    yield table_of(title, {name: [seconds] for name, seconds in taken.items()}, records)
    medley, pages = taken["Medley"], -(-records // medley_load.PAGE_SIZE)
    workers = medley_load.workers()
    yield Figure("Medley / dlt, records/s", taken["dlt as advised"] / medley, at_least=15)
    yield Figure(f"Medley / {fanned}, records/s", taken[fanned] / medley)
    name = f"Medley / (pages x latency / {workers} workers), time"
    yield Figure(name, medley / (pages * wait / workers), at_most=1.3)


def resident(options: argparse.Namespace) -> Iterator[Table | Figure]:
    """Few records and many, each in a fresh process: whether memory grows with them."""
    table = Table(title="most memory of Medley's loader", title_justify="left")
    for column in ("records", "seconds", "records/s", "process MB", "with children MB"):
        table.add_column(column, justify="right")
    peaks = []
    for records in sorted(options.memory_records):
        with serving(options.endpoint, records) as url:
            peak = memory.peak(url, options.endpoint)
        require_all(peak.rows, records, medley_load.load.__module__)
        peaks.append(peak.own)
        sizes = (f"{size / MEGABYTE:.0f}" for size in (peak.own, peak.summed))
        speed = f"{records / peak.seconds:,.0f}"
        table.add_row(f"{records:,}", f"{peak.seconds:.1f}", speed, *sizes)
    yield table
    yield Figure("most of the loader", max(peaks) / MEGABYTE, at_most=300, unit=" MB")
    yield Figure("of most records / of fewest", peaks[-1] / peaks[0], at_most=SAME)


def gate(options: argparse.Namespace) -> Iterator[Table | Figure]:
    """With the checks and without, each in a fresh process: what they cost, import included."""
    taken: dict[str, list[float]] = {"with checks": [], "without": []}
    with serving(options.endpoint, options.gate_records) as url:
        for _ in range(options.rounds):
            for name, times in taken.items():
                load = memory.peak(url, options.endpoint, gate=name == "with checks")
                require_all(load.rows, options.gate_records, name)
                times.append(load.seconds)
    yield table_of(
        f"{options.gate_records:,} records, fresh processes", taken, options.gate_records
    )
    checked, unchecked = (statistics.median(times) for times in taken.values())
    yield Figure("the checks' share of the time", 1 - unchecked / checked, at_most=0.1)


# A case yields the tables and figures to print; a further one needs its options and a line here.
CASES: dict[str, Callable[[argparse.Namespace], Iterator[Table | Figure]]] = {
    "throughput": throughput,
    "latency": latency,
    "memory": resident,
    "gate": gate,
}


def parsed() -> argparse.Namespace:
    """Sizes and cases from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--cases", nargs="+", choices=CASES, default=list(CASES), help="What to measure.")
    add("--endpoint", choices=ENDPOINTS, default="tracks", help="Whose records are served.")
    add("--records", type=int, default=240_000, help="Records without latency.")
    add("--rounds", type=int, default=5, help="Runs of each without latency, in turns.")
    add("--latency-records", type=int, default=60_000, help="Records with latency.")
    add("--latency-ms", type=float, default=50.0, help="How late each answer is.")
    add("--memory-records", type=int, nargs="+", default=[100_000, 5_000_000], help="Two or more.")
    add("--gate-records", type=int, default=1_000_000, help="Records for the checks' cost.")
    return parser.parse_args()


def main() -> None:
    """Run the cases; print their figures, what dlt was told, and the versions."""
    options = parsed()
    console = Console(highlight=False, soft_wrap=True)
    with serving(options.endpoint, 1_000) as url:  # warm, so that no first run is slower
        for load in (medley_load.load, dlt_load.load_as_advised, dlt_load.load_tuned):
            timed(load, url, options.endpoint, 1_000)
    for case in options.cases:
        for part in CASES[case](options):
            console.print(part if isinstance(part, Table) else str(part))
        console.print()
    console.print("dlt:", "\n     ".join(dlt_load.CHOICES))
    console.print("    ", "\n     ".join(f"{key}={to}" for key, to in dlt_load.ADVISED.items()))
    versions = ", ".join(f"{part.__name__} {part.__version__}" for part in (dlt, pa, requests))
    console.print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
