"""Only news is asked for, where the API can tell it; only news lands, where it cannot."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import BatchRefusedError, IngestError
from ingest.service import BatchResult, ingest
from tests.ingest.helpers import declared, feeding, payloads, play, rejects, settings_for
from tests.ingest.server import Api, record, serving

FILTERED, NEWEST_FIRST = "{parameter: updated_since}", "{order: descending}"
PLAYS = [play(number, f"2026-01-{number:02}") for number in range(1, 26)]


def load(api: Api, lake: Path, **more: Any) -> BatchResult:
    return ingest(settings_for(api, lake, **more), endpoints=["tracks"])[0]


def test_news_alone_is_asked_for_and_the_boundary_lands_once(tmp_path: Path) -> None:
    with feeding(tmp_path, PLAYS, FILTERED) as feed:
        feed.load()
        assert not any("updated_since" in query for query in feed.asked)
        feed.records[3] = changed = play(4, "2026-02-01")
        feed.records.append(late := play(99, "2026-01-25"))
        second = feed.load()
        assert {query["updated_since"] for query in feed.asked} == {"2026-01-25T00:00:00Z"}
        assert (second.status, second.rows, second.unchanged, second.total) == ("landed", 2, 1, 3)
        assert payloads(feed.lake, "plays") == [*PLAYS, changed, late]
        assert feed.cursor() == "2026-02-01T00:00:00Z"
        third = feed.load()
        assert {query["updated_since"] for query in feed.asked} == {"2026-02-01T00:00:00Z"}
    assert (third.status, third.total, third.batch_id) == ("unchanged", 1, second.batch_id)


def test_a_cursor_counts_when_its_batch_is_visible(tmp_path: Path) -> None:
    with feeding(tmp_path, PLAYS, FILTERED) as feed:
        feed.load()
        feed.records += (news := [play(n, f"2026-02-{n:02}") for n in range(1, 16)])
        feed.failing = {2}
        with pytest.raises(IngestError, match="404"):
            feed.load()
        assert feed.cursor() == "2026-01-25T00:00:00Z"
        feed.failing = set()
        assert feed.load().rows == 15
        assert {query["updated_since"] for query in feed.asked} == {"2026-01-25T00:00:00Z"}
    assert payloads(feed.lake, "plays") == [*PLAYS, *news]
    assert feed.cursor() == "2026-02-15T00:00:00Z"


@pytest.mark.parametrize("since", [FILTERED, NEWEST_FIRST])
def test_a_rejects_timestamp_moves_no_cursor(tmp_path: Path, since: str) -> None:
    with feeding(tmp_path, PLAYS, since) as feed:
        feed.records += [play(90, "2999-01-01"), play(91, "0001-01-01")]
        feed.load()
        assert feed.cursor() == "2026-01-25T00:00:00Z"
        feed.records += [play(26, "2026-02-01"), play(92, "2999-01-02")]
        assert (feed.load().rows, feed.cursor()) == (1, "2026-02-01T00:00:00Z")
    odd = sorted((json.loads(text)["id"], why) for text, why in rejects(feed.lake, "plays"))
    assert odd == [(number, "implausible_timestamp") for number in (90, 91, 92)]


@pytest.mark.parametrize("hours", [-9, 0, 9])
def test_a_cursor_never_passes_the_start_of_the_reading(tmp_path: Path, hours: int) -> None:
    """An API's clock may be ahead of ours, in whatever zone it writes its times."""
    with feeding(tmp_path, PLAYS, FILTERED) as feed:
        ahead = datetime.now(timezone(timedelta(hours=hours))) + timedelta(hours=5)
        feed.records.append(json.dumps({"id": 50, "updated_at": ahead.isoformat()}))
        assert feed.load().rows == 26
        assert datetime.fromisoformat(feed.cursor() or "?") <= datetime.now(UTC)


def test_newest_first_stops_at_the_last_known_record(tmp_path: Path) -> None:
    old = [play(n, f"2025-{1 + n // 28:02}-{1 + n % 28:02}") for n in range(300)]
    news = [play(n, f"2026-01-{1 + n:02}") for n in range(12)]
    with feeding(tmp_path, old, NEWEST_FIRST) as feed:
        assert feed.load().pages == 30
        feed.records[:12] = news
        second = feed.load()
        assert (second.status, second.rows, second.pages) == ("landed", 12, 2)
        assert len(feed.asked) <= 6, "two pages, and what two workers had asked for ahead"
        assert feed.cursor() == "2026-01-12T00:00:00Z"
        third = feed.load(page_size=50)
        assert (third.status, third.pages, len(feed.asked)) == ("unchanged", 1, 1)
    assert sorted(payloads(feed.lake, "plays")[300:]) == sorted(news)


def test_a_reject_among_the_newest_does_not_end_the_reading(tmp_path: Path) -> None:
    with feeding(tmp_path, PLAYS, NEWEST_FIRST) as feed:
        feed.load()
        feed.records += (news := [play(number, "2026-03-01") for number in range(40, 65)])
        feed.on_top = [play(99, "0001-01-01")]
        result = feed.load()
    assert (result.rows, result.rejected) == (25, 1)
    assert payloads(feed.lake, "plays")[25:] == news


def test_what_goes_during_a_newest_first_reading_hides_no_other(tmp_path: Path) -> None:
    with feeding(tmp_path, PLAYS, NEWEST_FIRST) as feed:
        feed.load()
        feed.records += (news := [play(n, f"2026-02-{n:02}") for n in range(1, 29)])
        feed.before_page[3] = lambda: feed.records.remove(news[-1])
        feed.load(workers=1)
        feed.load()
    assert set(news[:-1]) <= set(payloads(feed.lake, "plays"))


@pytest.mark.parametrize(
    ("known", "new"),
    [
        ("2026-02-01T00:00:00Z", "2026-02-01T00:00:00.{:03}Z"),
        ("2025-11-02T01:59:00-04:00", "2025-11-02T01:{:02}:00-05:00"),
    ],
)
def test_newest_first_goes_by_moments_not_by_letters(tmp_path: Path, known: str, new: str) -> None:
    news = [json.dumps({"id": n, "updated_at": new.format(n)}) for n in range(1, 26)]
    with feeding(tmp_path, [json.dumps({"id": 99, "updated_at": known})], NEWEST_FIRST) as feed:
        feed.load()
        feed.records += news
        feed.load()
    assert sorted(payloads(feed.lake, "plays")[1:]) == sorted(news)


@pytest.mark.parametrize("since", [FILTERED, NEWEST_FIRST])
def test_a_full_reading_lands_all_and_takes_no_shrinkage(tmp_path: Path, since: str) -> None:
    with feeding(tmp_path, PLAYS, since) as feed:
        feed.load()
        assert feed.load(full=True).rows == 25
        assert not any("updated_since" in query for query in feed.asked)
        feed.records = PLAYS[5:]
        assert feed.load(full=True, gate=True).rows == 20
        feed.records = PLAYS[10:]
        with pytest.raises(IngestError, match="75% of its 20 records") as caught:
            feed.load(full=True, gate=True)
    assert type(caught.value.__cause__) is BatchRefusedError
    assert len(payloads(feed.lake, "plays")) == 70


def test_earlier_versions_do_not_count_as_records_that_are_gone(tmp_path: Path) -> None:
    with feeding(tmp_path, PLAYS, FILTERED) as feed:
        feed.load()
        for month in (2, 3):
            feed.records = [play(n, f"2026-{month:02}-{n:02}") for n in range(1, 26)]
            assert feed.load(gate=True).rows == 25
        assert feed.load(full=True, gate=True).rows == 25


def test_one_change_among_a_thousand_lands_one_row(tmp_path: Path) -> None:
    with serving(data := {"tracks": [record(number) for number in range(1000)]}) as api:
        load(api, tmp_path, page_size=100)
        data["tracks"][500] = changed = record(500).replace(":", " :")
        second, third = (load(api, tmp_path, page_size=100) for _ in range(2))
    assert (second.status, second.rows, second.unchanged) == ("landed", 1, 999)
    assert (third.status, payloads(tmp_path, "tracks")[1000:]) == ("unchanged", [changed])


def test_a_record_that_returns_to_an_earlier_content_lands_again(tmp_path: Path) -> None:
    before, after = record(1), record(1).replace(":", " :")
    with serving(data := {"tracks": [record(0), before]}) as api:
        for content in (before, after, before, before):
            data["tracks"][1] = content
            load(api, tmp_path)
    assert payloads(tmp_path, "tracks") == [record(0), before, after, before]


def test_a_reject_lands_once(tmp_path: Path) -> None:
    with serving(data := {"tracks": [record(0), "null", '{"name": "nobody"}']}) as api:
        load(api, tmp_path)
        second = load(api, tmp_path)
        data["tracks"] += [record(1), "17"]
        third = load(api, tmp_path)
    assert (second.status, third.rows, third.rejected) == ("unchanged", 1, 1)
    assert [text for text, _ in rejects(tmp_path, "tracks")] == data["tracks"][1:3] + data[
        "tracks"
    ][4:]


def test_a_reject_lands_when_the_declaration_is_corrected(tmp_path: Path) -> None:
    entry = "{{name: tracks, path: /tracks, id: [id], types: {{name: {}}}}}"
    with serving({"tracks": [record(0)]}) as api:
        for kind in ("integer", "string"):
            load(api, tmp_path, endpoints_file=declared(tmp_path / "e.yml", entry.format(kind)))
    assert [why for _, why in rejects(tmp_path, "tracks")] == ["wrong_type"]
    assert payloads(tmp_path, "tracks") == [record(0)]


def test_what_lost_a_conflict_lands_when_it_is_alone(tmp_path: Path) -> None:
    first, second = play(1, "2026-01-01", name="a"), play(1, "2026-01-01", name="b")
    with serving(data := {"tracks": [first, second]}) as api:
        load(api, tmp_path)
        assert rejects(tmp_path, "tracks") == [(second, "conflicting_version")]
        data["tracks"] = [second]
        load(api, tmp_path)
    assert payloads(tmp_path, "tracks") == [first, second]
