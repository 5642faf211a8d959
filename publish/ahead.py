"""Make the next piece while the last one is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")


def ahead(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces in their order, each made in a thread while the one before is in use.

    What making one raises is raised here, in its place.
    """
    with ThreadPoolExecutor(1) as other:
        made = iter(pieces)
        coming = other.submit(next, made, None)
        while (piece := coming.result()) is not None:
            coming = other.submit(next, made, None)
            yield piece
