"""One score of two: ALS and neighbours together, and which heard track weighed most in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from recommender.topn import Because, Items


@dataclass(frozen=True)
class Mix:
    """What a score is made of.

    Attributes:
        neighbour_share: of the score; the rest is that of ALS.
        recent_share: of what speaks for neighbours, that is given to what was discovered lately;
            the rest is spread over all that was heard.
        recent_tracks: what was discovered so many tracks earlier is e times less recent.
    """

    neighbour_share: float = 0.0
    recent_share: float = 0.0
    recent_tracks: float = 1.0


ALS, NEIGHBOURS = Mix(), Mix(1.0)  # each alone


def blend(items: Items, mix: Mix) -> Items:
    """Items whose score is a mix of the neighbours' and that of their factors."""
    if items.neighbours is None or not mix.neighbour_share:
        return replace(items, neighbours=None)
    return replace(
        items,
        factors=items.factors * np.float32(1 - mix.neighbour_share),
        neighbours=items.neighbours * np.float32(mix.neighbour_share),
        recent_share=mix.recent_share,
        recent_tracks=mix.recent_tracks,
    )


def heaviest(items: Items, *, mix: Mix, alpha: float, regularization: float) -> Because:
    """Make the function that says which heard item weighed most in each listed one.

    The score that ALS predicts is a sum over what was heard (Hu, Koren and Volinsky, 2008, section
    5), and so is that of neighbours; what each adds to both together is compared.

    Args:
        items: before they are blended.
        mix: that the score is.
        alpha: what their factors were trained with.
        regularization: what their factors were trained with.
    """
    shared = mix.neighbour_share if items.neighbours is not None else 0.0
    factors = items.factors.astype(np.float64)
    gram = factors.T @ factors
    by_listed = csc_array(items.neighbours) if shared else None
    row_of = np.full(len(factors), -1)  # of an item among those heard

    def because(
        places: NDArray[np.integer],
        strengths: NDArray[np.float32],
        speaking: NDArray[np.float32],
        listed: NDArray[np.int64],
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
            parts[rows, columns] += shared * speaking[rows] * by_listed.data[cells[found]]
            row_of[places] = -1
        return np.asarray(places[parts.argmax(axis=0)], dtype=np.int64)

    return because
