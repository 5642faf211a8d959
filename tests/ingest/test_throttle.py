"""The loader goes easy on a server that asks for it. What was under way, the server counted."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.service import ingest
from tests.ingest.helpers import on, payloads, settings_for
from tests.ingest.server import Call, serving, some
from tests.ingest.test_client import status


@dataclass
class Meter:
    """A fault that answers in its own time, and notes who comes when, and among how many."""

    seconds: float = 0.01
    busy: int = 0
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call) -> None:
        with self.turn:
            self.busy += 1
            self.arrivals.append((time.monotonic(), self.busy))
        time.sleep(self.seconds)
        with self.turn:
            self.busy -= 1

    def busiest(self, start: int, end: int | None = None) -> int:
        return max(busy for _, busy in self.arrivals[start:end])


def test_no_more_requests_are_under_way_than_workers(tmp_path: Path) -> None:
    meter = Meter(seconds=0.02)
    with serving(some(600), fault=meter) as api:
        ingest(settings_for(api, tmp_path, workers=7))
    assert meter.busiest(0) == 7


def test_fewer_are_under_way_after_429s_and_more_again_in_calm(tmp_path: Path) -> None:
    meter = Meter()
    lock, number = threading.Lock(), iter(range(10_000))

    def groaning(call: Call) -> None:
        with lock:
            mine = next(number)
        meter(call)
        if 60 <= mine < 64:
            status(429)(call)

    with serving(some(4000), fault=groaning) as api:
        ingest(settings_for(api, tmp_path, workers=16), endpoints=["tracks"])
    assert meter.busiest(0, 60) == 16
    assert meter.busiest(84, 94) <= 8
    assert meter.busiest(300) == 16
    assert payloads(tmp_path, "tracks") == some(4000)["tracks"]


def test_a_fault_that_is_no_plea_changes_nothing(tmp_path: Path) -> None:
    meter = Meter()

    def failing(call: Call) -> None:
        meter(call)
        if call.page % 10 == 0 and call.seen == 0:
            status(500)(call)

    with serving(some(1000), fault=failing) as api:
        ingest(settings_for(api, tmp_path, workers=8), endpoints=["tracks"])
    assert meter.busiest(60, 100) == 8


def test_all_workers_wait_when_one_is_told_to(tmp_path: Path) -> None:
    meter, told = Meter(seconds=0.15), []

    def pleading(call: Call) -> None:
        meter(call)
        if (call.page, call.seen) == (9, 0):
            told.append(time.monotonic())
            status(429, Retry_After="1")(call)

    with serving(some(300), fault=pleading) as api:
        ingest(settings_for(api, tmp_path, workers=8), endpoints=["tracks"])
    since = [moment - told[0] for moment, _ in meter.arrivals]
    assert not [moment for moment in since if 0.1 < moment < 0.98]
    assert [moment for moment in since if moment > 0.98]
    assert payloads(tmp_path, "tracks") == some(300)["tracks"]


def test_the_requests_a_second_are_capped(tmp_path: Path) -> None:
    meter = Meter()
    with serving(some(400), fault=meter) as api:
        settings = settings_for(api, tmp_path, workers=8, requests_per_second=40)
        ingest(settings, endpoints=["tracks"])
    moments = [moment for moment, _ in meter.arrivals]
    assert len(moments) == 41
    assert moments[-1] - moments[0] > 40 / 40 * 0.95
    for first in moments:
        assert len([moment for moment in moments if first <= moment < first + 0.25]) <= 13


def test_whoever_gives_up_asks_for_no_more(tmp_path: Path) -> None:
    """Page 3 is told to wait; page 2 is refused, which ends the reading for all who wait."""
    pleaded = threading.Event()

    def answer(call: Call) -> None:
        if call.page == 3:
            status(429, Retry_After="1")(call)
            pleaded.set()
        elif call.page > 1:
            pleaded.wait(5)
            time.sleep(0.1 if call.page == 2 else 0.05)
        on("tracks", 2, status(404))(call)

    with (
        serving(some(400), fault=answer) as api,
        pytest.raises(IngestError, match="answered 404"),
    ):
        ingest(settings_for(api, tmp_path, workers=4), endpoints=["tracks"])
    assert {page for _, page in api.asked} <= {1, 2, 3, 4, 5}
