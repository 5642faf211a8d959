from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.endpoints import Endpoint, load_endpoints
from ingest.errors import MalformedPageError
from ingest.pages import Page, parse_page
from ingest.settings import ENDPOINTS_FILE

TRACKS, LISTENS = load_endpoints(ENDPOINTS_FILE, names=["tracks", "listen_history"])
ENVELOPE = '"total": 1, "page": 1, "size": 100, "pages": 1'

numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
)
blank = st.text(alphabet=" \t\n\r", max_size=3)
strings = st.one_of(
    st.builds(json.dumps, st.text(), ensure_ascii=st.booleans()),
    st.just(r'"\ud800 \/ \u00e9 ]}{["'),
).filter(lambda text: not any(0xD800 <= ord(char) <= 0xDFFF for char in text))


def arrays(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(children, max_size=4).map(lambda parts: f"[{' , '.join(parts)}]")


def objects(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.tuples(strings, blank, children).map(
        lambda parts: f"{parts[0]}{parts[1]}:{parts[2]}"
    )
    return st.lists(member, max_size=4).map(lambda parts: f"{{ {','.join(parts)}}}")


literals = st.one_of(numbers, strings, st.sampled_from(["true", "false", "null"]))
values = st.recursive(literals, lambda inner: arrays(inner) | objects(inner), max_leaves=12)


def parsed(text: str, endpoint: Endpoint = TRACKS) -> Page:
    return parse_page(text.encode(), endpoint, url="http://x/tracks?page=1")


@given(st.lists(st.tuples(blank, values, blank), max_size=6), values, st.booleans())
def test_payloads_are_the_exact_text_between_the_commas(
    records: list[tuple[str, str, str]], unknown: str, first: bool
) -> None:
    items = f'"items": [{",".join("".join(parts) for parts in records)}]'
    parts = [f'"new": {unknown}', ENVELOPE, items]
    page = parsed(f"\n{{{', '.join(parts if first else reversed(parts))}}} ")
    assert page.payloads == [value for _, value, _ in records]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ('{"id": 1}', None),
        ('{"id": 0}', None),
        ('{"id": ""}', None),
        ('{"id": ' + "9" * 5000 + "}", None),
        ('{"id": 1, "deep": {"id": null}}', None),
        ('{"ID": 1}', "missing_id"),
        ('{"id": null}', "missing_id"),
        ('{"id": 1, "score": NaN}', "invalid_number"),
        ('{"id": 1, "score": [-Infinity]}', "invalid_number"),
        ("17", "not_an_object"),
        ("null", "not_an_object"),
        ('[{"id": 1}]', "not_an_object"),
    ],
)
def test_a_record_is_landable_or_has_a_reason(record: str, reason: str | None) -> None:
    page = parsed(f'{{"items": [{record}, {{"id": 7}}], {ENVELOPE}}}')
    assert (page.payloads, page.reasons) == ([record, '{"id": 7}'], [reason, None])


def test_items_inside_a_record_are_not_the_items_of_the_page() -> None:
    record = '{"user_id": 5, "items": [1, 2, 3]}'
    assert parsed(f'{{"items": [{record}], {ENVELOPE}}}', LISTENS).payloads == [record]


def test_every_id_field_counts() -> None:
    both = Endpoint(name="plays", path="/plays", items="items", id=("user", "track"), timestamp="t")
    page = parsed(f'{{"items": [{{"user": 1}}, {{"user": 1, "track": 2}}], {ENVELOPE}}}', both)
    assert page.reasons == ["missing_id", None]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "ends too early"),
        (b'{"items": [{"id": 1}', "ends too early"),
        (b'{"items": [{"id": 1}, {"id"', "no valid JSON"),
        (b'{"items": [{"id": 1} {"id": 2}], ' + ENVELOPE.encode() + b"}", "no valid JSON"),
        (b'{"items": [{"id": 1},], ' + ENVELOPE.encode() + b"}", "no valid JSON"),
        (b'{"items": [], ' + ENVELOPE.encode() + b"} x", "more text"),
        (b'{"items": [], "items": [], ' + ENVELOPE.encode() + b"}", "twice"),
        (b'{"items": [{"id": "\xff"}], ' + ENVELOPE.encode() + b"}", "utf-8"),
        (b'{"items": ' + b"[" * 100_000, "nested too deep"),
        (b"[]", "no valid JSON"),
        (b"<html>", "no valid JSON"),
        (b"{" + ENVELOPE.encode() + b"}", "'items'"),
        (b'{"items": {"a": 1}, ' + ENVELOPE.encode() + b"}", "no valid JSON"),
        (b'{"items": [], "total": "1", "page": 1, "size": 1, "pages": 1}', "'total'"),
        (b'{"items": [], "total": true, "page": 1, "size": 1, "pages": 1}', "'total'"),
        (b'{"items": [], "total": NaN, "page": 1, "size": 1, "pages": 1}', "'total'"),
        (b'{"items": [], "total": ' + b"9" * 5000 + b"}", "no valid JSON"),
    ],
)
def test_what_is_no_page_is_told_with_its_address(body: bytes, told: str) -> None:
    with pytest.raises(MalformedPageError, match=told) as caught:
        parse_page(body, TRACKS, url="http://x/tracks?page=1")
    assert "http://x/tracks?page=1" in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_the_page() -> None:
    body = "\ufeff" + f'{{"items": [{{"id": 1}}], {ENVELOPE}}}'
    assert parsed(body).payloads == ['{"id": 1}']
