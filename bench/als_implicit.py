"""What the `implicit` library takes, in .venv-bench: `python -m bench.als_implicit --help`.

Writes as JSON `seconds`: of all users' best tracks, heard ones left out, or of an iteration of
training. Needs nothing of Medley.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares

from bench.listening import FACTORS, Listening

ALPHA, REGULARIZATION = 4.0, 0.3


def model(options: argparse.Namespace, iterations: int) -> AlternatingLeastSquares:
    """Its ALS with the exact solver."""
    return AlternatingLeastSquares(
        factors=options.rank,
        regularization=REGULARIZATION,
        use_cg=False,
        iterations=iterations,
        num_threads=options.cores,
        random_state=options.seed,
    )


def lists(heard: Any, options: argparse.Namespace) -> float:
    """Seconds of everybody's lists from the factors that the other ways get."""
    recommender = model(options, 1)
    with np.load(options.folder / FACTORS) as factors:
        recommender.user_factors, recommender.item_factors = factors["users"], factors["tracks"]
    everybody = np.arange(heard.shape[0])
    started = time.perf_counter()
    recommender.recommend(everybody, heard, N=options.length, filter_already_liked_items=True)
    return time.perf_counter() - started


def training(heard: Any, options: argparse.Namespace) -> float:
    """Seconds of an iteration, the first apart."""
    confidence = heard.copy()
    confidence.data = (1 + ALPHA * confidence.data).astype(np.float32)
    taken: list[float] = []

    def ended(_iteration: int, seconds: float, _loss: float | None) -> None:
        taken.append(seconds)

    model(options, options.iterations).fit(confidence, show_progress=False, callback=ended)
    return statistics.median(taken[1:])


def main() -> None:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="Where `listening.npz` is.")
    parser.add_argument("out", type=Path, help="The file to write.")
    parser.add_argument("--part", choices=("lists", "training"), required=True)
    for name in ("users", "tracks", "rank", "length", "iterations", "cores", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    drawn = Listening.kept(options.folder)
    shape = (options.users, options.tracks)
    heard = sp.csr_matrix((drawn.strengths, (drawn.users, drawn.tracks)), shape=shape)
    took = lists(heard, options) if options.part == "lists" else training(heard, options)
    options.out.write_text(json.dumps({"seconds": took}))


if __name__ == "__main__":
    main()
