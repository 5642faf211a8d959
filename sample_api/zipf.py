"""Ranks drawn from a power law in closed form, whatever the number of ranks."""

from __future__ import annotations

import numpy as np

from sample_api.noise import Floats, Ints


def zipf_rank(chance: Floats, *, count: int | Ints, exponent: float, shift: float = 0.0) -> Ints:
    """Turn chances in [0, 1) into ranks 0..count-1, rank 0 the likeliest.

    The inverse of the distribution function of the continuous density x ** -exponent, cut to
    whole ranks. `shift` flattens the head (Mandelbrot's variant). `exponent` must not be 1.
    """
    limit = np.asarray(count, dtype=np.int64)
    power = 1.0 - exponent
    low = (1.0 + shift) ** power
    high = (limit + 1.0 + shift) ** power
    rank = (low + chance * (high - low)) ** (1.0 / power) - shift - 1.0
    whole: Ints = np.clip(rank.astype(np.int64), 0, limit - 1)
    return whole
