"""Seconds of an iteration of the recommender's training: `python -m bench.als_fit --help`.

Writes as JSON: `seconds` of an iteration, `start` (seconds of a training beside its iterations) and
whether Spark had a `native` BLAS. Beside it, the factors of the tracks as a NumPy file.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from pyspark.sql import DataFrame

from bench import als_session
from bench.listening import Listening
from recommender.blas import has_native_blas
from recommender.training import Parameters, train

PARAMETERS = {"regularization": 0.3, "alpha": 4.0, "seed": 42}  # as in the model's YAML


def timed(frame: DataFrame, iterations: int, *, rank: int, blocks: int) -> tuple[float, DataFrame]:
    """Seconds of one training, and its factors."""
    parameters = Parameters(rank=rank, blocks=blocks, iterations=iterations, **PARAMETERS)
    started = time.perf_counter()
    factors = train(frame, parameters)
    return time.perf_counter() - started, factors


def main() -> None:
    """Train three times: to warm up, for one iteration, and for more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="Where `listening.npz` is; Spark writes there too."
    )
    parser.add_argument("out", type=Path, help="The file to write.")
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--blocks", type=int, required=True)
    parser.add_argument("--iterations", type=int, required=True, help="Beyond the first.")
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--java", action="store_true", help="Without a native BLAS.")
    options = parser.parse_args()
    with als_session.session(options.folder, cores=options.cores, native=not options.java) as spark:
        frame = als_session.interactions(spark, Listening.kept(options.folder), options.cores)
        shape = {"rank": options.rank, "blocks": options.blocks}
        timed(frame, 1, **shape)
        one, _ = timed(frame, 1, **shape)
        more, factors = timed(frame, 1 + options.iterations, **shape)
        listed = factors.where("side = 'track'").select("index", "features").toPandas()
        native = has_native_blas(spark._jvm)
    ordered = np.stack(list(listed.sort_values("index")["features"]))
    np.save(options.out.with_suffix(".npy"), ordered)
    seconds = (more - one) / options.iterations
    findings = {"seconds": seconds, "start": one - seconds, "native": native}
    options.out.write_text(json.dumps(findings))


if __name__ == "__main__":
    main()
