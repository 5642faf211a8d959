from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.errors import IngestError, MovingPagesError
from ingest.service import ingest
from tests.ingest.helpers import payloads, settings_for
from tests.ingest.moving_server import ENDPOINT, Moving, schedule
from tests.ingest.server import record, serving

PLACES = ["front", "middle", "end", "anywhere"]


def read(lake: Path, data: Moving, *, workers: int, page_size: int = 10) -> bool:
    """Whether it landed, each record that was always there once; if not, nothing did."""
    with serving(data) as api:
        settings = settings_for(api, lake, workers=workers, page_size=page_size)
        try:
            ingest(settings, endpoints=[ENDPOINT])
        except IngestError as failed:
            if not isinstance(failed.failures[ENDPOINT], MovingPagesError):
                raise
            assert payloads(lake, ENDPOINT) == []
            return False
    landed = Counter(payloads(lake, ENDPOINT))
    assert sorted(data.always - landed.keys()) == [], "missed"
    assert [text for text, times in landed.items() if times > 1] == [], "landed twice"
    assert landed.keys() <= data.ever, "never existed"
    return True


def collection(dice: random.Random, size: int) -> list[str]:
    return [record(number) for number in range(size * dice.randint(3, 30) + dice.randint(0, size))]


@pytest.mark.parametrize("workers", [1, 4, 24])
@pytest.mark.parametrize("where", PLACES)
def test_records_that_arrive_hide_none(tmp_path: Path, where: str, workers: int) -> None:
    dice = random.Random(f"{where}{workers}")
    for attempt in range(6):
        size = dice.choice([3, 10])
        step = schedule(dice, arrive=where, every=dice.choice([2, 5, 20]))
        data = Moving(collection(dice, size), step)
        assert read(tmp_path / str(attempt), data, workers=workers, page_size=size)


@pytest.mark.parametrize("workers", [1, 4, 24])
@pytest.mark.parametrize("where", PLACES)
def test_records_that_go_hide_none(tmp_path: Path, where: str, workers: int) -> None:
    dice = random.Random(f"{where}{workers}")
    for attempt in range(6):
        size = dice.choice([2, 3, 10])
        step = schedule(dice, go=where, every=dice.choice([2, 5, 20]))
        data = Moving(collection(dice, size), step)
        assert read(tmp_path / str(attempt), data, workers=workers, page_size=size)


@pytest.mark.parametrize("workers", [1, 4, 24])
@pytest.mark.parametrize("go", PLACES)
@pytest.mark.parametrize("arrive", PLACES)
def test_what_comes_and_goes_at_once_hides_nothing_for_long(
    tmp_path: Path, arrive: str, go: str, workers: int
) -> None:
    """One in here and one out there between two requests: no count tells. The next run has it."""
    dice = random.Random(f"{arrive}{go}{workers}")
    size = dice.choice([2, 3, 10])
    step = schedule(dice, arrive=arrive, go=go, every=dice.choice([2, 5, 20]), often=0.5)
    data = Moving(collection(dice, size), step)
    with serving(data) as api:
        settings = settings_for(api, tmp_path, workers=workers, page_size=size)
        with suppress(IngestError):
            ingest(settings, endpoints=[ENDPOINT])
    with serving({ENDPOINT: list(data.now)}) as api:
        settings = settings_for(api, tmp_path, workers=workers, page_size=size)
        ingest(settings, endpoints=[ENDPOINT])
    landed = Counter(payloads(tmp_path, ENDPOINT))
    assert sorted(set(data.now) - landed.keys()) == [], "missed"
    assert landed.keys() <= data.ever, "never existed"


def test_a_sliding_window_lands(tmp_path: Path) -> None:
    """The newest comes in at the front, the oldest goes at the end: the total stays."""
    step = schedule(random.Random(1), arrive="front", go="end", every=3)
    assert read(tmp_path, Moving([record(number) for number in range(200)], step), workers=4)


@pytest.mark.parametrize("repeats", [0, 1])
def test_a_retention_window_hides_nothing_unnoticed(tmp_path: Path, repeats: int) -> None:
    """The oldest goes at the front, the newest comes in at the end: the total stays."""
    records = [record(number) for number in range(100)]
    records[55] = records[77] if repeats else records[55]
    step = schedule(random.Random(1), arrive="end", go="front", every=5)
    read(tmp_path, Moving(records, step), workers=1)


def test_a_change_that_leaves_the_total_is_seen_once_the_total_moves(tmp_path: Path) -> None:
    """One goes from the middle as one comes in at the end; later another goes at the end."""

    def step(data: Moving, number: int) -> None:
        if number == 5:
            data.go(22)
            data.arrive(len(data.now))
        if number == 10:
            data.go(len(data.now) - 1)

    data = Moving([record(number) for number in range(100)], step)
    assert read(tmp_path, data, workers=1)


@pytest.mark.parametrize("phase", [0, 1, 2])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_reading_that_is_set_back_again_and_again_ends(
    tmp_path: Path, workers: int, phase: int
) -> None:
    def step(data: Moving, number: int) -> None:
        if (number + phase) % 3:
            data.go(len(data.now) // 2)
        else:
            data.arrive(len(data.now))
            data.arrive(len(data.now))

    data = Moving([record(number) for number in range(100)], step, limit=3000)
    read(tmp_path, data, workers=workers)
    assert data.asked < 1000


def test_records_sent_twice_are_no_movement(tmp_path: Path) -> None:
    records = [record(number % 50) for number in range(100)]
    data = Moving(records)
    with serving(data) as api:
        (result,) = ingest(settings_for(api, tmp_path), endpoints=[ENDPOINT])
    assert (result.rows, data.asked <= 10 + 17) == (50, True)


def test_a_restart_that_issues_all_ids_anew_is_noticed(tmp_path: Path) -> None:
    def restart(data: Moving, number: int) -> None:
        if number == 5:
            data.always.clear()
            data.now[:] = [record(number + 500) for number in range(100)]
            data.ever.update(data.now)

    data = Moving([record(number) for number in range(100)], restart)
    assert read(tmp_path, data, workers=1)
    assert set(data.now) <= set(payloads(tmp_path, ENDPOINT))
