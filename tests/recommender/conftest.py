"""What several tests of the recommender look at."""

from __future__ import annotations

from typing import Any

import pytest
from numpy.typing import NDArray

from recommender.best import Room


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many scores each tile had that has been computed since."""
    sizes: list[int] = []
    whole = Room.product

    def counted(*args: Any) -> NDArray[Any]:
        tile = whole(*args)
        sizes.append(tile.size)
        return tile

    monkeypatch.setattr(Room, "product", counted)
    return sizes
