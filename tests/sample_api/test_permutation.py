from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sample_api.permutation import shuffled


@given(size=st.integers(1, 3000), seed=st.integers(0, 2**63))
def test_every_place_is_taken_once(size: int, seed: int) -> None:
    places = shuffled(np.arange(size), size=size, seed=seed, stream="test")
    assert sorted(places.tolist()) == list(range(size))


@given(size=st.integers(10**9, 10**14), seed=st.integers(0, 1000))
def test_large_domains_stay_inside_and_distinct(size: int, seed: int) -> None:
    places = shuffled(np.arange(2000), size=size, seed=seed, stream="test")
    assert len(set(places.tolist())) == 2000
    assert places.min() >= 0
    assert places.max() < size


def test_the_order_looks_random() -> None:
    places = shuffled(np.arange(10_000), size=10_000, seed=1, stream="test")
    assert abs(np.corrcoef(np.arange(10_000), places)[0, 1]) < 0.05
    steps = np.diff(places)
    assert len(set(steps.tolist())) > 5000


def test_streams_and_seeds_give_other_orders() -> None:
    index = np.arange(1000)
    one = shuffled(index, size=1000, seed=1, stream="a")
    assert (one != shuffled(index, size=1000, seed=1, stream="b")).mean() > 0.9
    assert (one != shuffled(index, size=1000, seed=2, stream="a")).mean() > 0.9
