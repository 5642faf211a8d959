"""Seconds of an iteration of the recommender's training: `python -m bench.als_fit --help`.

Writes as JSON: `seconds` of an iteration, warm, the `rest` of the seconds of ALS (parts made of
the pairs, first iterations slower) and whether Spark had a `native` BLAS. Beside it, the factors
of the tracks as a NumPy file. Neighbours are learned apart: see als_lists.py.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from pyspark.sql import SparkSession

from bench import als_session
from bench.listening import Listening
from pipeline.parameters import parameters_of
from pipeline.settings import PROJECT
from recommender.blas import has_native_blas
from recommender.training import train


def iterations(spark: SparkSession) -> list[float]:
    """Seconds of each iteration but the first and the last, from the ends of its Spark jobs.

    Twice an iteration, for users and for tracks, a job sums up the factors that were just learned.
    """
    context = spark.sparkContext._jsc.sc()
    context.listenerBus().waitUntilEmpty()
    jobs = context.statusStore().jobsList(None)
    ends = sorted(
        job.completionTime().get().getTime() / 1000
        for job in (jobs.apply(place) for place in range(jobs.size()))
        if job.name().startswith("aggregate at ALS.scala")
    )[1::2]
    return [end - start for start, end in itertools.pairwise(ends)]


def main() -> None:
    """Train once, and see what its later iterations took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="Where `listening.npz` is; Spark writes there too."
    )
    parser.add_argument("out", type=Path, help="The file to write.")
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--blocks", type=int, required=True)
    parser.add_argument(
        "--iterations", type=int, required=True, help="At least 3; the first are no measure."
    )
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--java", action="store_true", help="Without a native BLAS.")
    options = parser.parse_args()
    with als_session.session(options.folder, cores=options.cores, native=not options.java) as spark:
        frame = als_session.interactions(spark, Listening.kept(options.folder), options.cores)
        parameters = replace(
            parameters_of(PROJECT),
            rank=options.rank,
            blocks=options.blocks,
            iterations=options.iterations,
            heaviest_listener=0,  # so that nobody has a part in neighbours
        )
        started = time.perf_counter()
        factors = train(frame, parameters)
        whole = time.perf_counter() - started
        seconds = statistics.median(iterations(spark)[1:])
        listed = factors.where("side = 'track'").select("index", "features").toPandas()
        native = has_native_blas(spark._jvm)
    ordered = np.stack(list(listed.sort_values("index")["features"]))
    np.save(options.out.with_suffix(".npy"), ordered)
    rest = whole - options.iterations * seconds
    findings = {"seconds": seconds, "rest": rest, "native": native}
    options.out.write_text(json.dumps(findings))


if __name__ == "__main__":
    main()
