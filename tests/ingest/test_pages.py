from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.endpoints import Endpoint, load_endpoints
from ingest.errors import MalformedPageError
from ingest.pages import Cutter, Page
from ingest.settings import ENDPOINTS_FILE

TRACKS, LISTENS = load_endpoints(ENDPOINTS_FILE, names=["tracks", "listen_history"])
ENVELOPE = '"total": 1, "page": 1, "size": 100, "pages": 1'


def cut(text: str | bytes, endpoint: Endpoint = TRACKS) -> Page:
    body = text.encode() if isinstance(text, str) else text
    return Cutter(endpoint).cut(body, number=1, url="http://x/tracks?page=1")


def sent(page: Page) -> list[str]:
    return [bytes(payload).decode() for payload in page.payloads]


NOW = datetime.now(UTC)


def at(moment: object, key: str = "updated_at") -> str:
    return f'{{"id": 1, "{key}": "{moment}"}}'


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ('{"id": 1}', None),
        ('{"id": 0}', None),
        ('{"id": ""}', None),
        ('{"id": ' + "9" * 30 + "}", None),
        ('{"id": ' + "9" * 5000 + "}", "wrong_type"),
        ('{"id": 1, "count": ' + "9" * 5000 + "}", None),
        ('{"id": 1, "deep": {"id": null}}', None),
        ('{"id": 1, "deep": {"id": 2, "id": 3}}', None),
        ('{"id": 1, "name": "\\"id\\""}', None),
        ('{"id": 1, "a": 1, "a": 2}', None),
        ('{"id": 1, "name": "half a pair: \\ud83d"}', None),
        ('{"id": 1, "id": 1}', "duplicate_key"),
        ('{"id": 1, "\\u0069d": 2}', "duplicate_key"),
        ('{"id": 1, "updated_at": null, "updated_at": null}', "duplicate_key"),
        ('{"ID": 1}', "missing_id"),
        ('{"id": null}', "missing_id"),
        ('{"id": 1.5}', "wrong_type"),
        ('{"id": true}', "wrong_type"),
        ('{"id": [1]}', "wrong_type"),
        ('{"id": 1, "updated_at": 1767225600}', "wrong_type"),
        ('{"id": 1, "score": NaN}', "invalid_json"),
        ('{"id": 1, "score": [-Infinity]}', "invalid_json"),
        ('{"id": 1, "score": 01}', "invalid_json"),
        ('{"id": 1,}', "invalid_json"),
        ("{'id': 1}", "invalid_json"),
        ('{"id": 1, "a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested_too_deep"),
        ("17", "not_an_object"),
        ("null", "not_an_object"),
        ('"{"', "not_an_object"),
        ('[{"id": 1}]', "not_an_object"),
        pytest.param(at(NOW.isoformat()), None, id="now"),
        pytest.param(at(NOW + timedelta(days=1)), None, id="tomorrow"),
        (at("2026-01-01"), None),
        (at("2026-01-01T00:00:00.123456Z"), None),
        (at("2026-01-01 00:00:00+01:00"), None),
        (at("1970-01-01T00:00:00"), None),
        (at("1969-12-31T23:59:59"), "implausible_timestamp"),
        pytest.param(at(NOW + timedelta(days=3)), "implausible_timestamp", id="in three days"),
        (at("yesterday"), "implausible_timestamp"),
        (at("2025-01-01T"), "implausible_timestamp"),
        (at("2025-13-45T99:99:99"), "implausible_timestamp"),
        (at("2025-02-30"), "implausible_timestamp"),
        (at("2025-01-01\\n2025-01-01"), "implausible_timestamp"),
        (at("01/02/2025"), "implausible_timestamp"),
        (at(""), "implausible_timestamp"),
        (at("yesterday", key="created_at"), None),
    ],
)
def test_a_record_is_landable_or_has_a_reason(record: str, reason: str | None) -> None:
    for first, second in ((record, '{"id": 7}'), ('{"id": 7}', record)):
        page = cut(f'{{"items": [{first}, {second}], {ENVELOPE}}}')
        assert sent(page) == [first, second]
        assert (list(page.reasons) or [None, None])[first == '{"id": 7}'] == reason
        assert (list(page.reasons) or [None, None])[first != '{"id": 7}'] is None


def test_a_key_sent_twice_is_seen_though_another_record_has_none() -> None:
    twice = '{"id": 2, "updated_at": "2026-01-01", "updated_at": "2025-01-01"}'
    page = cut(f'{{"items": [{{"id": 1}}, {twice}], {ENVELOPE}}}')
    assert list(page.reasons) == [None, "duplicate_key"]


@pytest.mark.parametrize("depth", [*range(50, 1200, 50), *range(2_000, 60_000, 2_000)])
def test_depth_never_spoils_the_page(depth: int) -> None:
    deep = '{"id": 1, "a": ' + '{"id": ' * depth + "1" + "}" * depth + "}"
    page = cut(f'{{"items": [{{"id": 7}}, {deep}, {{"id": 8}}], {ENVELOPE}}}')
    assert [reason for reason in page.reasons if reason] in ([], ["nested_too_deep"])
    assert sent(page)[1] == deep


def test_items_inside_a_record_are_not_the_items_of_the_page() -> None:
    record = '{"user_id": 5, "items": [1, 2, 3]}'
    assert sent(cut(f'{{"items": [{record}], {ENVELOPE}}}', LISTENS)) == [record]


@pytest.mark.parametrize(("items", "reason"), [("[]", None), ("null", None), ("{}", "wrong_type")])
def test_a_declared_type_is_kept(items: str, reason: str | None) -> None:
    page = cut(f'{{"items": [{{"user_id": 5, "items": {items}}}], {ENVELOPE}}}', LISTENS)
    assert list(page.reasons) == ([reason] if reason else [])


def test_every_id_field_counts() -> None:
    both = Endpoint(name="plays", path="/plays", items="items", id=["user", "track"], timestamp="t")
    page = cut(f'{{"items": [{{"user": 1}}, {{"user": 1, "track": 2}}], {ENVELOPE}}}', both)
    assert list(page.reasons) == ["missing_id", None]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "ends too early"),
        (b'{"items": [{"id": 1}', "ends too early"),
        (b'{"items": [{"id": 1}, {"id"', "ends too early"),
        (b'{"items": [{"id": 1} {"id": 2}], ' + ENVELOPE.encode() + b"}", "no page of JSON"),
        (b'{"items": [{"id": 1},], ' + ENVELOPE.encode() + b"}", "no page of JSON"),
        (b'{"items": [], ' + ENVELOPE.encode() + b"} x", "no page of JSON"),
        (b'{"items": [{"id": "\xff"}], "total": "\xff"}', "no page of JSON"),
        (b'{"items": ' + b"[" * 100_000, "ends too early"),
        (b'{"items": [], "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "no page of JSON"),
        (b"[]", "no page of JSON"),
        (b"<html>", "no page of JSON"),
        (b"{" + ENVELOPE.encode() + b"}", "items"),
        (b'{"items": {"a": 1}, ' + ENVELOPE.encode() + b"}", "items"),
        (b'{"items": [], "page": 1, "size": 1, "pages": 1}', "total"),
        (b'{"items": [], "total": "1", "page": 1, "size": 1, "pages": 1}', "total"),
        (b'{"items": [], "total": true, "page": 1, "size": 1, "pages": 1}', "total"),
        (b'{"items": [], "total": -1, "page": 1, "size": 1, "pages": 1}', "total"),
        (b'{"items": [], "total": 1.5, "page": 1, "size": 1, "pages": 1}', "total"),
        (b'{"items": [], "total": NaN, "page": 1, "size": 1, "pages": 1}', "no page of JSON"),
        (b'{"items": [], "total": ' + b"9" * 5000 + b"}", "no page of JSON"),
    ],
)
def test_what_is_no_page_is_told_with_its_address(body: bytes, told: str) -> None:
    with pytest.raises(MalformedPageError, match=told) as caught:
        cut(body)
    assert "http://x/tracks?page=1" in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_byte_order_mark_is_no_part_of_the_page() -> None:
    assert sent(cut("\ufeff" + f'{{"items": [{{"id": 1}}], {ENVELOPE}}}')) == ['{"id": 1}']


def test_bytes_that_are_no_utf_8_are_shown() -> None:
    body = b'{"items": [{"id": "\xe9t\xe9"}, {"id": 7}], ' + ENVELOPE.encode() + b"}"
    page = cut(body)
    assert sent(page) == ['{"id": "\\xe9t\\xe9"}', '{"id": 7}']
    assert list(page.reasons) == ["invalid_json", None]
