"""One score of two: ALS and neighbours together, and which heard track weighed most in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

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
    by_listed = csc_array(items.neighbours) if shared else None
    row_of = np.full(len(factors), -1)  # of an item among those heard

    def because(
        places: NDArray[np.integer], strengths: NDArray[np.float32], listed: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        strengths = strengths.astype(np.float64)
        own = factors[places]
        extra = alpha * strengths
        matrix = gram + (own.T * extra) @ own
        matrix[np.diag_indices(len(matrix))] += regularization * len(places)
        parts = (own.T * (1 + extra)).T @ np.linalg.solve(matrix, factors[listed].T)
        parts *= 1 - shared
        if by_listed is not None:
            row_of[places] = np.arange(len(places))
            starts = by_listed.indptr[listed]
            counts = by_listed.indptr[listed + 1] - starts
            ends = np.cumsum(counts)
            cells = np.arange(ends[-1]) + np.repeat(starts - ends + counts, counts)
            rows = row_of[by_listed.indices[cells]]
            found = rows >= 0
            rows, columns = rows[found], np.repeat(np.arange(len(listed)), counts)[found]
            parts[rows, columns] += shared * strengths[rows] * by_listed.data[cells[found]]
            row_of[places] = -1
        return np.asarray(places[parts.argmax(axis=0)], dtype=np.int64)

    return because
