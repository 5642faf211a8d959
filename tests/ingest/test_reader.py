from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ingest.errors import ApiError, IngestError, ShortReadError
from ingest.service import ingest
from tests.ingest.helpers import left_in_bronze, on, payloads, rows, settings_for
from tests.ingest.server import Call, Fault, record, serving, some

DATA = some(95)


def drop_one(call: Call) -> None:
    call.items = call.items[:-1]


def add_one(call: Call) -> None:
    call.items = [*call.items, record(1000)]


def says(**envelope: int) -> Fault:
    return lambda call: call.envelope.update(envelope)


@pytest.mark.parametrize("page", [1, 4, 10])
@pytest.mark.parametrize(("fault", "step"), [(drop_one, -1), (add_one, 1)])
def test_another_number_of_records_is_a_short_read(
    tmp_path: Path, page: int, fault: Fault, step: int
) -> None:
    with serving(DATA, fault=on("users", page, fault)) as api, pytest.raises(IngestError) as caught:
        ingest(settings_for(api, tmp_path), endpoints=["users"])
    assert type(caught.value.__cause__) is ShortReadError
    full = 5 if page == 10 else 10
    assert f"page {page} should hold {full} records, got {full + step}" in str(caught.value)
    assert left_in_bronze(tmp_path) == []


def test_no_records_at_all_are_a_short_read_too(tmp_path: Path) -> None:
    with (
        serving(DATA, fault=lambda call: call.items.clear()) as api,
        pytest.raises(IngestError, match="page 1 should hold 10 records, got 0"),
    ):
        ingest(settings_for(api, tmp_path), endpoints=["users"])


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (says(page=3), "answered page 3 of size 10, not page 2 of size 10"),
        (says(size=50), "answered page 2 of size 50, not page 2 of size 10"),
        (says(pages=11), "answered 11 pages for 95 records"),
    ],
)
def test_a_page_that_lies_about_itself_is_told(tmp_path: Path, fault: Fault, told: str) -> None:
    with (
        serving(DATA, fault=on("tracks", 2, fault)) as api,
        pytest.raises(IngestError, match=told) as caught,
    ):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert type(caught.value.__cause__) is ApiError


def ending(fault: Fault, requests: int) -> Fault:
    """The fault, and after so many requests a refusal, so that no test can go on for ever."""
    count = itertools.count()

    def limited(call: Call) -> None:
        fault(call)
        if next(count) > requests:
            call.status, call.body = 410, b""

    return limited


def grow(call: Call) -> None:
    call.envelope["total"] += 1


@pytest.mark.parametrize("page", [2, 10])
def test_a_total_that_moves_once_is_read_again(tmp_path: Path, page: int) -> None:
    with serving(DATA, fault=on("tracks", page, grow, times=1)) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert payloads(tmp_path, "tracks") == DATA["tracks"]
    assert api.asked.count(("tracks", page)) == 2


def test_a_total_that_moves_after_the_last_page_is_seen(tmp_path: Path) -> None:
    """Page 1 is asked for once more at the end; here a record was born by then."""
    data = {"tracks": list(DATA["tracks"])}

    def born(call: Call) -> None:
        if (call.page, call.seen) == (10, 0):
            data["tracks"].append(record(95))

    with serving(data, fault=born) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert payloads(tmp_path, "tracks") == [*DATA["tracks"], record(95)]


def test_ids_given_anew_by_a_restart_are_seen(tmp_path: Path) -> None:
    fresh = [record(n + 500) for n in range(95)]
    data = {"tracks": DATA["tracks"]}

    def restart(call: Call) -> None:
        if (call.page, call.seen) == (6, 0):
            data["tracks"] = fresh

    with serving(data, fault=restart) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert payloads(tmp_path, "tracks") == fresh


def test_a_record_that_is_only_updated_does_not_stop_the_reading(tmp_path: Path) -> None:
    def update(call: Call) -> None:
        call.items[0] = call.items[0].replace("}", f', "seen": {call.seen}}}')

    with serving(DATA, fault=on("tracks", 1, update)) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert api.asked.count(("tracks", 1)) == 2
    assert len(rows(tmp_path, "tracks")) == 95


def test_a_total_that_one_page_disputes_for_ever_ends(tmp_path: Path) -> None:
    fault = ending(on("tracks", 7, grow, times=500), 3000)
    with serving(some(1995), fault=fault) as api:
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert sorted(payloads(tmp_path, "tracks")) == sorted(some(1995)["tracks"])
    assert len(api.asked) < 1000


def shrink_always(call: Call) -> None:
    call.envelope["total"] = 10_000_000 - call.seen - 1000 * call.page
    call.envelope["pages"] = -(-call.envelope["total"] // 10)


def test_a_total_that_shrinks_for_ever_is_an_error(tmp_path: Path) -> None:
    with (
        serving(some(1995), fault=ending(shrink_always, 3000)) as api,
        pytest.raises(IngestError, match="short read: page 200 should hold 10 records, got 5"),
    ):
        ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert len(api.asked) < 1000
    assert left_in_bronze(tmp_path) == []


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_rows_keep_the_order_of_the_api(tmp_path: Path, workers: int) -> None:
    with serving(DATA) as api:
        ingest(settings_for(api, tmp_path, workers=workers), endpoints=["tracks"])
    landed = rows(tmp_path, "tracks")
    assert [row["payload"] for row in landed] == DATA["tracks"]
    places = [(n // 10 + 1, n % 10) for n in range(95)]
    assert [(row["_page"], row["_position"]) for row in landed] == places
    assert landed[42]["_source_url"] == f"{api.url}/tracks?page=5&size=10"


def test_pages_ahead_of_the_writer_are_bounded(tmp_path: Path) -> None:
    """While the writer is busy with page 1, no more than 2 x workers pages are fetched."""
    asked_at_page: dict[int, int] = {}
    with serving(some(500)) as api:
        ingest(
            settings_for(api, tmp_path, workers=2),
            endpoints=["tracks"],
            on_progress=lambda step: asked_at_page.update({step.pages_done: len(api.asked)}),
        )
    ahead = [asked - page for page, asked in asked_at_page.items() if 0 < page < 50]
    assert len(ahead) == 49
    assert max(ahead) <= 4
