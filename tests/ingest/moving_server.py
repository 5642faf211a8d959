"""A collection that changes while it is read: a step of its schedule before each answer."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.ingest.server import record

ENDPOINT = "tracks"
Step: TypeAlias = "Callable[[Moving, int], None]"


@dataclass
class Moving(Mapping[str, list[str]]):
    """What `serving` takes as its data; `step` changes `now` before the n-th answer."""

    now: list[str]
    step: Step = lambda _data, _number: None
    limit: int = 5000
    """After so many requests nothing moves any more, so that every reading ends."""
    asked: int = 0
    ever: set[str] = field(default_factory=set)
    always: set[str] = field(default_factory=set)
    turn: threading.Lock = field(default_factory=threading.Lock)
    _made: int = 1_000_000

    def __post_init__(self) -> None:
        self.now = list(self.now)
        self.ever, self.always = set(self.now), set(self.now)

    def arrive(self, at: int) -> None:
        self._made += 1
        self.now.insert(at, record(self._made))
        self.ever.add(record(self._made))

    def go(self, at: int) -> None:
        if self.now:
            self.always.discard(self.now.pop(at))

    def __getitem__(self, name: str) -> list[str]:
        if name != ENDPOINT:
            raise KeyError(name)
        with self.turn:
            if 0 < self.asked < self.limit:
                self.step(self, self.asked)
            self.asked += 1
            return list(self.now)

    def __contains__(self, name: object) -> bool:
        return name == ENDPOINT

    def __iter__(self) -> Iterator[str]:
        return iter([ENDPOINT])

    def __len__(self) -> int:
        return 1


def schedule(
    dice: random.Random,
    *,
    arrive: str | None = None,
    go: str | None = None,
    every: int,
    often: float = 1.0,
) -> Step:
    """Before every so many answers one comes, one goes, or both, each as often as that."""

    def place(where: str, count: int) -> int:
        return {"front": 0, "middle": count // 2, "end": count}.get(where, dice.randint(0, count))

    def step(data: Moving, number: int) -> None:
        if number % every:
            return
        if go and data.now and dice.random() < often:
            data.go(place(go, len(data.now) - 1))
        if arrive and dice.random() < often:
            data.arrive(place(arrive, len(data.now)))

    return step
