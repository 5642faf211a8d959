"""Make the next pieces while the last one is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")


def ahead(pieces: Iterable[Piece], *, by: int = 1) -> Iterator[Piece]:
    """The pieces in their order, made in a thread, `by` of them while the one before is in use.

    What making one raises is raised here, in its place.
    """
    with ThreadPoolExecutor(1) as other:
        made = iter(pieces)
        coming = deque(other.submit(next, made, None) for _ in range(by))
        while (piece := coming.popleft().result()) is not None:
            coming.append(other.submit(next, made, None))
            yield piece
