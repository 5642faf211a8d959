"""Pairs of a user and a track, many more than memory holds: aside on disk, a share at a time."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from typing import IO

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
MOST_SHARES = 200  # a file each; no more than a byte tells apart


class Shares:
    """Numbers of pairs of a user and a track, in a temporary file for each share of the users."""

    def __init__(self, stack: ExitStack, count: int) -> None:
        made = (tempfile.TemporaryFile() for _ in range(count))  # noqa: SIM115 - closed by stack
        self._files: list[IO[bytes]] = [stack.enter_context(file) for file in made]

    def __len__(self) -> int:
        """How many shares there are."""
        return len(self._files)

    def add(self, user: Numbers, track: Numbers, *, tracks: int) -> None:
        """Put pairs of places aside, of users and of so many tracks."""
        shares = (user % len(self)).astype(np.uint8)
        pairs = (user * tracks + track)[np.argsort(shares, kind="stable")]  # of bytes: linear
        ends = np.cumsum(np.bincount(shares, minlength=len(self)))
        for file, some in zip(self._files, np.split(pairs, ends[:-1]), strict=True):
            file.write(some.data)

    def read(self, share: int) -> Numbers:
        """The pairs of a share."""
        file = self._files[share]
        file.seek(0)
        return np.fromfile(file, np.int64)

    def write(self, share: int, pairs: Numbers) -> None:
        """Have these pairs in a share, and no others."""
        file = self._files[share]
        file.seek(0)
        file.truncate()
        file.write(pairs.data)


def common_of(pairs: Numbers, others: Numbers) -> Numbers:
    """Which of `others` are in `pairs`; both are sorted."""
    if not len(pairs):
        return pairs
    places = np.searchsorted(pairs, others)
    common: Numbers = others[pairs[np.minimum(places, len(pairs) - 1)] == others]
    return common
