"""Lists of others than Medley, in .venv-bench: `python -m bench.quality_others --help`.

Writes a Parquet file of `key`, `item_key` and `rank` for each way. Needs nothing of Medley.
"""

from __future__ import annotations

import argparse
import logging
import warnings
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender
from threadpoolctl import threadpool_limits

from bench.interactions import Interactions

RANKS, REGULARIZATIONS, ALPHAS = (64, 128, 512), (1.0, 10.0, 50.0), (1.0, 4.0, 20.0, 60.0)
NEIGHBOURS = (20, 200)
RIDGES = (50.0, 200.0)
MOST_ITEMS = 20_000  # of EASE, which inverts a matrix of all of them
USERS_AT_ONCE = 500


def ways(heard: Any, *, cores: int, length: int) -> Iterator[tuple[str, Any]]:
    """Each way's name (`kind: parameters`) and lists: places of items, -1 where there is none."""
    yield "popularity", _by_scores(heard, _popularity(heard), length)
    models: dict[str, Any] = {
        f"implicit's ALS: {rank} factors, regularization {much:g}, alpha {alpha:g}": (
            AlternatingLeastSquares(
                factors=rank, regularization=much, alpha=alpha, num_threads=cores, random_state=42
            )
        )
        for rank, much, alpha in product(RANKS, REGULARIZATIONS, ALPHAS)
    }
    for neighbours in NEIGHBOURS:
        few = {"K": neighbours, "num_threads": cores}
        models[f"item kNN: cosine, {neighbours} neighbours"] = CosineRecommender(**few)
        models[f"item kNN: BM25, {neighbours} neighbours"] = BM25Recommender(**few)
    everybody = np.arange(heard.shape[0])
    for name, model in models.items():
        with threadpool_limits(1, "blas"):  # it has threads of its own
            model.fit(heard, show_progress=False)
        yield name, model.recommend(everybody, heard, N=length, filter_already_liked_items=True)[0]
    for ridge in RIDGES if heard.shape[1] <= MOST_ITEMS else ():
        yield f"EASE: ridge {ridge:g}", _by_scores(heard, _ease(heard, ridge), length)


def _popularity(heard: Any) -> Any:
    listeners = np.diff(heard.tocsc().indptr).astype(np.float32)
    return lambda rows: np.tile(listeners, (rows.shape[0], 1))


def _ease(heard: Any, ridge: float) -> Any:
    """Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019), on what was heard."""
    once = heard.sign()
    weights = (once.T @ once).toarray().astype(np.float32)
    weights[np.diag_indices(len(weights))] += ridge
    weights = np.linalg.inv(weights)
    weights /= -np.diag(weights)
    weights[np.diag_indices(len(weights))] = 0
    return lambda rows: rows.sign() @ weights


def _by_scores(heard: Any, scores: Any, length: int) -> Any:
    found = []
    for start in range(0, heard.shape[0], USERS_AT_ONCE):
        rows = heard[start : start + USERS_AT_ONCE]
        scored = scores(rows)
        scored[rows.nonzero()] = -np.inf
        found.append(np.argsort(-scored, axis=1, kind="stable")[:, :length])
    return np.concatenate(found)


def main() -> None:
    """Make all lists."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="Where the interactions are.")
    for name in ("length", "cores"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    told = Interactions.kept(options.folder)
    shape = (told.users.max() + 1, told.items.max() + 1)
    strengths = np.where(told.held_out, 0, np.log1p(told.plays)).astype(np.float32)
    heard = sp.csr_matrix((strengths, (told.users, told.items)), shape=shape)
    heard.eliminate_zeros()
    (options.folder / "others").mkdir()
    for name, places in ways(heard, cores=options.cores, length=options.length):
        users, ranks = np.nonzero(places >= 0)
        listed = {"key": users, "item_key": places[users, ranks], "rank": ranks + 1}
        columns = {column: pa.array(values, pa.int64()) for column, values in listed.items()}
        pq.write_table(pa.table(columns), options.folder / "others" / f"{name}.parquet")


if __name__ == "__main__":
    main()
