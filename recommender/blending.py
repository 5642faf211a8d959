"""One score of two: ALS and neighbours together, and which heard track weighed most in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.topn import Because, Items


def blend(items: Items, neighbour_share: float) -> Items:
    """Items whose score is so much of the neighbours' and else that of their factors."""
    if items.neighbours is None or not neighbour_share:
        return replace(items, neighbours=None)
    return replace(
        items,
        factors=items.factors * np.float32(1 - neighbour_share),
        neighbours=items.neighbours * np.float32(neighbour_share),
    )


def heaviest(
    items: Items, *, neighbour_share: float, alpha: float, regularization: float
) -> Because:
    """Make the function that says which heard item weighed most in each listed one.

    The score that ALS predicts is a sum over what was heard (Hu, Koren and Volinsky, 2008, section
    5), and so is that of neighbours; what each adds to both together is compared.

    Args:
        items: before they are blended.
        neighbour_share: of the score.
        alpha: what their factors were trained with.
        regularization: what their factors were trained with.
    """
    shared = neighbour_share if items.neighbours is not None else 0.0
    factors = items.factors.astype(np.float64)
    gram = factors.T @ factors

    def because(heard: csr_array, listed: NDArray[np.int64]) -> NDArray[np.int64]:
        places, strengths = heard.indices, heard.data.astype(np.float64)
        own = factors[places]
        extra = alpha * strengths
        matrix = gram + (own.T * extra) @ own
        matrix[np.diag_indices(len(matrix))] += regularization * len(places)
        parts = (own.T * (1 + extra)).T @ np.linalg.solve(matrix, factors[listed].T)
        parts *= 1 - shared
        if shared and items.neighbours is not None:
            weights = items.neighbours[places][:, listed].toarray()
            parts += shared * strengths[:, None] * weights
        return np.asarray(places[parts.argmax(axis=0)], dtype=np.int64)

    return because
